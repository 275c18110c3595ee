/** The way without a push: BuildKit sends an OCI layout over its own connection, which is read into the endpoint's store. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { optional } from '../../content/oci/descriptor.ts';
import type { BuildRequest, CacheUse } from '../builder.ts';
import type { BuildFolders } from '../folders.ts';
import { takeLayout } from '../layout-result.ts';
import type { Pushed } from '../made.ts';
import { csv } from './arguments.ts';
import { buildCached, exportedCache } from './cache.ts';
import { takeCache } from './cache-export.ts';
import { runBuildx } from './run.ts';

/** Builds, exports and reads a leg. A folder, not a tar: half the time, and no second copy. */
export async function buildByExport(
  request: BuildRequest,
  folders: BuildFolders,
  host: Host,
  cancel: Cancel,
): Promise<Pushed & { readonly cache?: CacheUse }> {
  const output = csv({ type: 'oci', tar: 'false', dest: folders.scratch, 'oci-mediatypes': 'true' });
  await using exported = await host.files.temporaryFolder('cache');
  const build = (own: BuildRequest, more: readonly string[]): Promise<void> =>
    runBuildx(own, folders, [output], host, cancel, more);
  const { cache } = await buildCached(request, (own) => exportedCache(own, exported.path), build, cancel);
  const pushed = await takeLayout(request, folders.scratch, host, cancel);
  const writtenBytes = await takeCache(request, exported.path, host, cancel);
  return { ...pushed, ...optional('cache', cache && { ...cache, ...optional('writtenBytes', writtenBytes) }) };
}
