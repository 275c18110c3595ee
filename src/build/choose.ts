/** Which builder makes a leg, and why: by configuration, else by what the Dockerfile needs and the machine has. */
import { FanfoldError } from '../base/errors/error.ts';
import { stageNeeds } from '../source/dockerfile/needs.ts';
import { parseDockerfile } from '../source/dockerfile/parse.ts';
import { reachedStages } from '../source/dockerfile/stages.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Builder, BuilderKind } from './builder.ts';
import type { Machine } from './machine.ts';

/** A builder, and the sentence that is printed beside it. */
export interface Choice {
  readonly builder: Builder;
  readonly reason: string;
}

/** Every builder by its kind. */
export type Builders = Readonly<Record<BuilderKind, Builder>>;

/**
 * The builder of a leg. `machine` is asked only where the Dockerfile needs a builder that runs programs.
 * @throws FanfoldError `build.builder` where a RUN is reached and nothing on the machine can run it
 */
export async function chooseBuilder(
  keyed: KeyedLeg,
  machine: () => Promise<Machine>,
  builders: Builders,
): Promise<Choice> {
  const setting = keyed.leg.target.builder;
  if (setting !== undefined)
    return { builder: builders[setting.kind], reason: `the configuration says ${setting.kind}` };
  const line = firstRun(keyed);
  if (line === undefined) return { builder: builders.direct, reason: 'no RUN is reached, so no daemon is needed' };
  const { path } = keyed.inputs.dockerfile;
  const { buildx, buildah } = await machine();
  if (buildx !== undefined) {
    return { builder: builders.buildx, reason: `line ${line} of ${path} is a RUN, and Buildx ${buildx} is here` };
  }
  if (buildah !== undefined) {
    return {
      builder: builders.buildah,
      reason: `line ${line} of ${path} is a RUN; no Buildx answers, and Buildah ${buildah} is here`,
    };
  }
  throw new FanfoldError('build.builder', `${path} has a RUN, and neither Buildx nor Buildah is here to run it`, {
    place: { target: keyed.leg.target.name, file: path, line },
    hint: 'install Docker with Buildx and start it, or install Buildah; or take the RUN out, and the direct builder needs neither',
  });
}

/** The line of the first RUN that the leg's build reaches; undefined where there is none. */
function firstRun({ leg, inputs }: KeyedLeg): number | undefined {
  const { dockerfile } = parseDockerfile(inputs.dockerfile.text, inputs.dockerfile.path);
  const { stages } = reachedStages(dockerfile, {
    ...(leg.target.stage === undefined ? {} : { stage: leg.target.stage }),
    platform: leg.platform,
    buildPlatform: leg.platform,
    args: inputs.args,
    contexts: new Set(Object.keys(leg.target.contexts)),
  });
  const lines = stages.flatMap((stage) => stageNeeds(stage).run?.line ?? []);
  return lines.length === 0 ? undefined : Math.min(...lines);
}
