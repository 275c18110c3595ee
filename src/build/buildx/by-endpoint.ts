/** The way of most builds: one push to the endpoint, which brings it to every registry. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import type { BuildCache, BuildRequest, CacheUse } from '../builder.ts';
import type { BuildFolders } from '../folders.ts';
import { cacheRepository, openLegEndpoint, orRefusal } from '../leg-endpoint.ts';
import { onlyPush, type Pushed } from '../made.ts';
import { csv } from './arguments.ts';
import { buildCached, registryCache, withTraffic } from './cache.ts';
import { runBuildx } from './run.ts';

/** Builds and pushes a leg once. What the endpoint committed counts, not what Buildx writes down. */
export async function buildByEndpoint(
  request: BuildRequest,
  by: 'digest' | 'tag',
  folders: BuildFolders,
  host: Host,
  cancel: Cancel,
): Promise<Pushed & { readonly cache?: CacheUse }> {
  await using endpoint = await openLegEndpoint(request, host, cancel);
  const output = pushOutput(endpoint.reference, by);
  const flags = (cache: BuildCache): readonly string[] =>
    registryCache(endpoint.otherReference(cacheRepository), cache);
  const build = (own: BuildRequest, more: readonly string[]): Promise<void> =>
    runBuildx(own, folders, [output], host, cancel, more);
  const { cache } = await orRefusal(endpoint, () => buildCached(request, flags, build, cancel), cancel);
  const pushed = onlyPush(request, 'docker buildx build', await endpoint.finish(cancel));
  return { ...pushed, ...withTraffic(cache, request.cache) };
}

/** `--output` for a push to the endpoint that leaves nothing in the builder's own image store. */
export function pushOutput(reference: string, by: 'digest' | 'tag'): string {
  return csv({
    type: 'image',
    name: by === 'digest' ? reference : `${reference}:leg`,
    push: 'true',
    ...(by === 'digest' ? { 'push-by-digest': 'true' } : {}),
    'oci-mediatypes': 'true',
    store: 'false',
  });
}
