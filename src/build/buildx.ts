/** Buildx: BuildKit builds, and its image and attestations reach every registry with equal bytes. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { Builder, BuildOutcome, BuildRequest, CacheUse } from './builder.ts';
import { buildByEndpoint } from './buildx/by-endpoint.ts';
import { buildByExport } from './buildx/by-export.ts';
import { buildByNames } from './buildx/by-names.ts';
import { type BuildxDriver, writesCaches } from './buildx/driver.ts';
import { probeReach } from './buildx/probe.ts';
import { chooseWay, type Way } from './buildx/way.ts';
import { type BuildFolders, writeBuildFolders } from './folders.ts';
import { contentMade, type Pushed } from './made.ts';
import { hideSecrets } from './secrets.ts';

/** Builds a leg by `docker buildx build`. */
export const buildxBuilder: Builder = { kind: 'buildx', build };

async function build(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildOutcome> {
  const { target, platform } = request.keyed.leg;
  const setting = target.builder?.kind === 'buildx' ? target.builder : undefined;
  const { version, driver, reaches } = await probeReach(setting?.name, platform, host, cancel);
  const way = chooseWay(driver, reaches, setting?.remote ?? 'export', target.destinations);
  if (way.kind !== 'endpoint') request.on({ kind: 'notice', message: way.reason });
  await hideSecrets(request.keyed, host);
  await using folders = await writeBuildFolders(request, host, cancel);
  const cached = await withUsableCache(request, driver, host, cancel);
  const pushed = await buildBy(way, cached, folders, host, cancel);
  const made = await contentMade(request, pushed, cancel);
  return { ...made, builder: { kind: 'buildx', version }, ...optional('cache', pushed.cache) };
}

/** A builder that cannot write a cache still reads it. */
async function withUsableCache(
  request: BuildRequest,
  driver: BuildxDriver,
  host: Host,
  cancel: Cancel,
): Promise<BuildRequest> {
  const { cache } = request;
  if (cache === undefined || !cache.writes || (await writesCaches(driver, host, cancel))) return request;
  const message = `the ${driver.kind} driver writes no cache here: it is only read (another builder, or Docker’s containerd image store, writes it)`;
  request.on({ kind: 'notice', message });
  return { ...request, cache: { ...cache, writes: false } };
}

type BuiltPush = Pushed & { readonly cache?: CacheUse };

function buildBy(
  way: Way,
  request: BuildRequest,
  folders: BuildFolders,
  host: Host,
  cancel: Cancel,
): Promise<BuiltPush> {
  switch (way.kind) {
    case 'endpoint':
      return buildByEndpoint(request, way.by, folders, host, cancel);
    case 'names':
      return buildByNames(request, folders, host, cancel);
    case 'export':
      return buildByExport(request, folders, host, cancel);
    default:
      return way satisfies never;
  }
}
