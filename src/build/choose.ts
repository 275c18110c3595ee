/** Which builder makes a leg, and why: by configuration, else by what the Dockerfile needs and the machine has. */
import { FanfoldError } from '../base/errors/error.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { parseDockerfile } from '../source/dockerfile/parse.ts';
import { reachedStages } from '../source/dockerfile/stages.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { runSteps } from '../source/inputs/run-steps.ts';
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
  refuseForeignSystem(keyed);
  const need = `line ${why.line} of ${path}: ${why.reason}`;
  const { buildx, buildah } = await machine();
  if (buildx !== undefined) return { builder: builders.buildx, reason: `${need}; Buildx ${buildx} is here` };
  if (buildah !== undefined) {
    return { builder: builders.buildah, reason: `${need}; no Buildx answers, Buildah ${buildah} is here` };
  }
  throw new FanfoldError('build.builder', `${need}, and neither Buildx nor Buildah is here to build it`, {
    place: { target: keyed.leg.target.name, file: path, line: why.line },
    hint:
      keyed.leg.platform.os === 'linux'
        ? 'install Docker with Buildx and start it, or install Buildah; without that line the direct builder needs neither'
        : 'let the leg run on Linux with Buildx (`runner: ubuntu-24.04`), or bring what that line makes by `generated`',
  });
}

/** Stages of the machine that builds are Linux's: elsewhere there is no builder to choose. */
const anyLinux = { os: 'linux', architecture: 'amd64' };

/** @throws FanfoldError `build.builder` where a program of a system would run that no builder of a Linux machine runs */
function refuseForeignSystem(keyed: KeyedLeg): void {
  const step = runSteps(keyed, anyLinux).find(({ platform }) => platform.os !== 'linux');
  if (step === undefined) return;
  const { path } = keyed.inputs.dockerfile;
  const system = formatPlatform(step.platform);
  throw new FanfoldError(
    'build.builder',
    `line ${step.line} of ${path} runs a program of ${system}, and a build runs programs of Linux`,
    {
      place: { target: keyed.leg.target.name, file: path, line: step.line },
      hint: `make the files by \`generated\` (on a macOS runner, for darwin), or in a stage \`FROM --platform=$BUILDPLATFORM\`, and COPY them; where a builder of yours runs ${step.platform.os}, name it in \`builder\``,
    },
  );
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
