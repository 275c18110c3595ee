// What our reading of a Dockerfile says of the image's labels and environment.

import { parsePlatform } from '../../src/content/oci/platform.ts';
import { parseDockerfile } from '../../src/source/dockerfile/parse.ts';
import { type ReachedStages, reachedStages } from '../../src/source/dockerfile/stages.ts';
import type { ImageConfig } from './engine-build.ts';

/** What the build is asked for; linux/amd64 where no platform is given, and as the platform that builds. */
export interface Asked {
  readonly args?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly stage?: string;
}

/** Labels and environment as we see them; undefined where we see a mistake. */
export function predictConfig(
  text: string,
  { args = {}, platform = 'linux/amd64', stage }: Asked = {},
): ImageConfig | undefined {
  const { dockerfile, diagnostics } = parseDockerfile(text);
  if (diagnostics.length > 0) return undefined;
  const options = { platform: parsePlatform(platform), buildPlatform: parsePlatform('linux/amd64'), args };
  const reached = reachedStages(dockerfile, { ...options, ...(stage !== undefined && { stage }) });
  return reached.diagnostics.length > 0 ? undefined : configOf(reached);
}

function configOf({ stages, target }: ReachedStages): ImageConfig {
  const byIndex = new Map(stages.map((stage) => [stage.index, stage]));
  const labels: Record<string, string> = {};
  const apply = (index: number): void => {
    const stage = byIndex.get(index);
    if (stage?.base.kind === 'stage') apply(stage.base.stage);
    for (const { action } of stage?.steps ?? []) {
      if (action.kind === 'label') for (const { name, value } of action.pairs) labels[name] = value;
    }
  };
  apply(target);
  return { Labels: labels, Env: byIndex.get(target)?.env.map(({ name, value }) => `${name}=${value}`) ?? [] };
}
