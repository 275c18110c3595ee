/** Buildah: builds without a daemon; the image is pushed once, to the endpoint, from Buildah's local storage, and removed there. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { buildFailed, createBuildLog } from './build-log.ts';
import { buildArguments } from './buildah/arguments.ts';
import { copyLayoutImages } from './buildah/layout-images.ts';
import type { Builder, BuildOutcome, BuildRequest } from './builder.ts';
import { familyRoot } from './family-root.ts';
import { writeBuildFolders } from './folders.ts';
import { openLegEndpoint, orRefusal } from './leg-endpoint.ts';
import { buildahVersion } from './machine.ts';
import { contentMade, onlyPush, type Pushed } from './made.ts';
import { hideSecrets } from './secrets.ts';

/** Builds a leg by `buildah build`. */
export const buildahBuilder: Builder = { kind: 'buildah', build };

async function build(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildOutcome> {
  const version = await buildahVersion(host, cancel);
  if (version === undefined) throw noBuildah(request);
  for (const message of leftOut(request)) request.on({ kind: 'notice', message });
  await hideSecrets(request.keyed, host);
  const image = `localhost/fanfold-${Buffer.from(host.random(8)).toString('hex')}:leg`;
  try {
    await buildImage(request, image, host, cancel);
    const pushed = await pushImage(request, image, host, cancel);
    return { ...(await contentMade(request, pushed, cancel)), builder: { kind: 'buildah', version } };
  } finally {
    // Also after a failure or a cancellation: then there may be none, which is as well.
    await host.exec.run('buildah', ['rmi', '--', image], { env: host.env });
  }
}

async function buildImage(request: BuildRequest, image: string, host: Host, cancel: Cancel): Promise<void> {
  await using folders = await writeBuildFolders(request, host, cancel);
  const layouts = await copyLayoutImages(request, folders.scratch, host, cancel);
  await runBuildah(request, buildArguments(request, folders, layouts, image), host, cancel);
}

async function pushImage(request: BuildRequest, image: string, host: Host, cancel: Cancel): Promise<Pushed> {
  await using endpoint = await openLegEndpoint(request, host, cancel);
  const to = `docker://${endpoint.reference}:leg`;
  // Plain HTTP, to this machine's loopback alone.
  const push = ['push', '--format=oci', '--tls-verify=false', '--', image, to];
  await orRefusal(endpoint, () => runBuildah(request, push, host, cancel), cancel);
  return onlyPush(request, 'buildah push', await endpoint.finish(cancel));
}

async function runBuildah(request: BuildRequest, args: readonly string[], host: Host, cancel: Cancel): Promise<void> {
  const log = createBuildLog(request.on, host.secrets);
  const { SOURCE_DATE_EPOCH: _, ...env } = host.env;
  const options = { cwd: familyRoot(request.keyed, host), env, onLine: log.hear };
  const { status } = await host.exec.run('buildah', args, options, cancel);
  if (status !== 0) throw buildFailed(request, `buildah ${args[0]}`, status, log);
}

/** What a target asks for and Buildah has not, in words. */
function leftOut({ keyed }: BuildRequest): readonly string[] {
  const { attestations, cacheFrom, cacheTo } = keyed.leg.target;
  return [
    ...(attestations.provenance === false && attestations.sbom === false
      ? []
      : ['Buildah makes no attestations: the image has none']),
    ...(cacheFrom.length + cacheTo.length === 0
      ? []
      : ['Buildah does not read BuildKit caches: cache-from and cache-to are left out']),
    ...(keyed.leg.target.cache === undefined
      ? []
      : ['Buildah caches no steps here: its images would have other layers with a cache than without']),
    ...(keyed.inputs.bases.some(({ role }) => role === 'frontend')
      ? ['Buildah has no frontends: `# syntax` is left out']
      : []),
  ];
}

function noBuildah({ keyed: { leg } }: BuildRequest): FanfoldError {
  return new FanfoldError('build.builder', `${leg.name} is to be built by Buildah, which is not here`, {
    place: { target: leg.target.name },
    hint: 'install buildah, or choose another builder',
  });
}
