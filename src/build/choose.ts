/** Which builder makes a leg, and why: by configuration, else by what the Dockerfile needs and the machine has. */
import { FanfoldError } from '../base/errors/error.ts';
import { parseDockerfile } from '../source/dockerfile/parse.ts';
import { reachedStages } from '../source/dockerfile/stages.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Builder, BuilderKind } from './builder.ts';
import { type WhyNot, whyNotDirect } from './direct/why-not.ts';
import type { Machine } from './machine.ts';

/** A builder, and the sentence that is printed beside it. */
export interface Choice {
  readonly builder: Builder;
  readonly reason: string;
}

/** Every builder by its kind. */
export type Builders = Readonly<Record<BuilderKind, Builder>>;

/**
 * The builder of a leg: the configuration's; else `direct` where that can build it; else what the machine has.
 * @throws FanfoldError `build.builder` where nothing on the machine can build it, with the first line that needs more than `direct`
 */
export async function chooseBuilder(
  keyed: KeyedLeg,
  machine: () => Promise<Machine>,
  builders: Builders,
): Promise<Choice> {
  const setting = keyed.leg.target.builder;
  if (setting !== undefined)
    return { builder: builders[setting.kind], reason: `the configuration says ${setting.kind}` };
  const [why] = whyNot(keyed);
  if (why === undefined) return { builder: builders.direct, reason: 'nothing in the Dockerfile needs a daemon' };
  const { path } = keyed.inputs.dockerfile;
  const need = `line ${why.line} of ${path}: ${why.reason}`;
  const { buildx, buildah } = await machine();
  if (buildx !== undefined) return { builder: builders.buildx, reason: `${need}; Buildx ${buildx} is here` };
  if (buildah !== undefined) {
    return { builder: builders.buildah, reason: `${need}; no Buildx answers, Buildah ${buildah} is here` };
  }
  throw new FanfoldError('build.builder', `${need}, and neither Buildx nor Buildah is here to build it`, {
    place: { target: keyed.leg.target.name, file: path, line: why.line },
    hint: 'install Docker with Buildx and start it, or install Buildah; without that line the direct builder needs neither',
  });
}

/** Why `direct` cannot build the leg. A Dockerfile with mistakes is its own to report: it gives their places. */
function whyNot({ leg, inputs }: KeyedLeg): readonly WhyNot[] {
  const { dockerfile } = parseDockerfile(inputs.dockerfile.text, inputs.dockerfile.path);
  const { stages } = reachedStages(dockerfile, {
    ...(leg.target.stage === undefined ? {} : { stage: leg.target.stage }),
    platform: leg.platform,
    buildPlatform: leg.platform,
    args: inputs.args,
    contexts: new Set(Object.keys(leg.target.contexts)),
  });
  return whyNotDirect(dockerfile, stages, leg.target.contexts);
}
