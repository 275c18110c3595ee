/** The direct builder: images of Dockerfiles without RUN, made without a daemon, equal to the byte wherever they are made. */
import { throwIfErrors } from '../../base/errors/diagnostic.ts';
import { FanfoldError } from '../../base/errors/error.ts';
import { type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import type { Dockerfile } from '../../source/dockerfile/instruction.ts';
import { parseDockerfile } from '../../source/dockerfile/parse.ts';
import { type BaseFacts, type ReachedStages, reachedStages, type StageBase } from '../../source/dockerfile/stages.ts';
import type { Builder, BuildOutcome, BuildRequest } from '../builder.ts';
import { familyRoot } from '../family-root.ts';
import { annotationsOf } from './annotations.ts';
import { atPlace } from './at-place.ts';
import { type ImageFinder, imageFinder } from './image-finder.ts';
import { type BuiltStage, buildStage } from './stage.ts';
import { type WhyNot, whyNotDirect } from './why-not.ts';
import { writeImage } from './write-image.ts';

/** The direct builder. `version` is Fanfold's own, told in the outcome. */
export function directBuilder(version: string): Builder {
  return { kind: 'direct', build: (request, host, cancel) => build(request, version, host, cancel) };
}

async function build(
  request: BuildRequest,
  version: string,
  host: Pick<Host, 'cwd'>,
  cancel: Cancel,
): Promise<BuildOutcome> {
  const { inputs, leg } = request.keyed;
  const { path, text } = inputs.dockerfile;
  const parsed = parseDockerfile(text, path);
  throwIfErrors(parsed.diagnostics);
  const images = imageFinder(request, familyRoot(request.keyed, host), cancel);
  const reached = await reachWithBases(parsed.dockerfile, request, images);
  throwIfErrors(reached.diagnostics);
  refuse(whyNotDirect(parsed.dockerfile, reached.stages, leg.target.contexts), path);
  const epochSeconds = epochOf(inputs.args['SOURCE_DATE_EPOCH']);
  const target = await buildStages(reached, request, images, epochSeconds, cancel);
  const words = {
    platform: leg.platform,
    labels: leg.target.labels,
    annotations: annotationsOf(leg.target.annotations, leg.platform),
    epochSeconds,
  };
  const manifest = await writeImage(target, words, request.store, cancel);
  return { manifest, attestations: [], pushed: manifest, builder: { kind: 'direct', version } };
}

const maxRounds = 16;

/** A base's ENV and ONBUILD may name further stages and bases: asked until nothing new is named. */
async function reachWithBases(
  dockerfile: Dockerfile,
  request: BuildRequest,
  images: ImageFinder,
): Promise<ReachedStages> {
  const { inputs, leg } = request.keyed;
  const { contexts, stage } = leg.target;
  const bases = new Map<string, BaseFacts>();
  for (let round = 0; round < maxRounds; round++) {
    const reached = reachedStages(dockerfile, {
      ...(stage === undefined ? {} : { stage }),
      platform: leg.platform,
      // Nothing runs here, so the machine does not matter: what is built is equal wherever it is built.
      buildPlatform: leg.platform,
      args: inputs.args,
      contexts: new Set(Object.keys(contexts)),
      bases,
    });
    const unknown = reached.stages.filter(
      ({ base }) => factsKey(base) !== undefined && !bases.has(factsKey(base) ?? ''),
    );
    if (unknown.length === 0) return reached;
    for (const { base, platform, place } of unknown) {
      const facts = await atPlace(inputs.dockerfile.path, place.line, () => factsOf(base, platform, request, images));
      bases.set(factsKey(base) ?? '', facts);
    }
  }
  throw new FanfoldError('build.failed', `${leg.name}: base images go on naming others`);
}

/** What `ReachOptions.bases` calls a base; undefined for what has no config of its own. */
function factsKey(base: StageBase): string | undefined {
  if (base.kind === 'image') return base.reference;
  return base.kind === 'named' ? base.name : undefined;
}

async function factsOf(
  base: StageBase,
  platform: BuildRequest['keyed']['leg']['platform'],
  request: BuildRequest,
  images: ImageFinder,
): Promise<BaseFacts> {
  const { inputs, leg } = request.keyed;
  const context = base.kind === 'named' ? leg.target.contexts[base.name] : undefined;
  if (base.kind === 'image') return factsIn((await images.byReference(base.reference, platform)).config.config);
  if (base.kind !== 'named' || context === undefined || inputs.folders.has(base.name) || context.kind === 'git') {
    return { env: [], onbuild: [] };
  }
  return factsIn((await images.byContext(base.name, context, platform)).config.config);
}

function factsIn(config: { readonly Env?: readonly string[]; readonly OnBuild?: readonly string[] }): BaseFacts {
  return { env: config.Env ?? [], onbuild: config.OnBuild ?? [] };
}

async function buildStages(
  reached: ReachedStages,
  request: BuildRequest,
  images: ImageFinder,
  epochSeconds: number,
  cancel: Cancel,
): Promise<BuiltStage> {
  const { inputs, leg } = request.keyed;
  const done = new Map<number, BuiltStage>();
  for (const stage of reached.stages) {
    throwIfCancelled(cancel);
    request.on({ kind: 'log', line: `stage ${stage.name ?? stage.index} for ${formatPlatform(leg.platform)}` });
    const built = await buildStage(stage, {
      dockerfile: inputs.dockerfile.path,
      context: request.context,
      folders: inputs.folders,
      contexts: leg.target.contexts,
      images,
      platform: leg.platform,
      done,
      created: new Date(epochSeconds * 1000).toISOString(),
    });
    done.set(stage.index, built);
  }
  const target = done.get(reached.stages.at(-1)?.index ?? -1);
  if (target === undefined) throw new FanfoldError('build.failed', `${leg.name} has no stage to build`);
  return target;
}

function refuse(reasons: readonly WhyNot[], file: string): void {
  const [first] = reasons;
  if (first === undefined) return;
  const code = first.reason.startsWith('RUN ') ? 'build.needs-run' : 'build.unsupported';
  const lines = reasons.length === 1 ? '' : ` (and ${reasons.length - 1} more)`;
  throw new FanfoldError(code, `the direct builder cannot build this: ${first.reason}${lines}`, {
    place: { file, line: first.line },
    hint: 'use builder: buildx or builder: buildah',
  });
}

function epochOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw new FanfoldError('build.instruction', `SOURCE_DATE_EPOCH=${text} is not a number of seconds since 1970`);
}
