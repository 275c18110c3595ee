/** Where the build of a leg runs programs, and on which platform: what needs an engine, an emulator, or another kind of machine. */
import { isDockersFrontend } from '../dockerfile/frontend.ts';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { reachedStages, type StagePlatform } from '../dockerfile/stages.ts';
import type { KeyedLeg } from './leg-inputs.ts';

/** A RUN. */
export interface RunStep {
  /** Of the Dockerfile, from 1; that of FROM where the base's ONBUILD brings it. */
  readonly line: number;
  /** That of its stage: `FROM --platform=$BUILDPLATFORM` runs on the machine that builds. */
  readonly platform: StagePlatform;
}

/**
 * Every RUN that the build of a leg reaches on a machine of `buildPlatform`. Of a frontend that is not Docker's nothing is known: it is taken to run
 * programs of the leg's own platform.
 */
export function runSteps({ leg, inputs }: KeyedLeg, buildPlatform: StagePlatform): readonly RunStep[] {
  const { dockerfile } = parseDockerfile(inputs.dockerfile.text, inputs.dockerfile.path);
  const frontend = dockerfile.directives.syntax;
  if (frontend !== undefined && !isDockersFrontend(frontend)) return [{ line: 1, platform: leg.platform }];
  const { stages } = reachedStages(dockerfile, {
    ...(leg.target.stage === undefined ? {} : { stage: leg.target.stage }),
    platform: leg.platform,
    buildPlatform,
    args: inputs.args,
    contexts: new Set(Object.keys(leg.target.contexts)),
  });
  const own = stages.flatMap(({ steps, platform }) =>
    steps.flatMap(({ action, place }) => (action.kind === 'run' ? [{ line: place.line, platform }] : [])),
  );
  return [...own, ...onbuildSteps(inputs, stages)];
}

/** The key has read the bases' configs; their platforms are told by the same stages here. */
function onbuildSteps(
  { origins }: KeyedLeg['inputs'],
  stages: readonly { readonly index: number; readonly platform: StagePlatform }[],
): readonly RunStep[] {
  const platforms = new Map(stages.map(({ index, platform }) => [index, platform]));
  return (origins?.().stages ?? []).flatMap(({ index, steps, place, platform }) =>
    steps.some(({ action, fromOnbuild }) => fromOnbuild && action.kind === 'run')
      ? [{ line: place.line, platform: platforms.get(index) ?? platform }]
      : [],
  );
}
