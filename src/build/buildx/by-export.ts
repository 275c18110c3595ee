/** The way without a push: BuildKit sends an OCI layout over its own connection, which is read into the endpoint's store. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import type { BuildRequest } from '../builder.ts';
import type { BuildFolders } from '../folders.ts';
import { takeLayout } from '../layout-result.ts';
import type { Pushed } from '../made.ts';
import { csv } from './arguments.ts';
import { runBuildx } from './run.ts';

/** Builds, exports and reads a leg. A folder, not a tar: half the time, and no second copy. */
export async function buildByExport(
  request: BuildRequest,
  folders: BuildFolders,
  host: Host,
  cancel: Cancel,
): Promise<Pushed> {
  const output = csv({ type: 'oci', tar: 'false', dest: folders.scratch, 'oci-mediatypes': 'true' });
  await runBuildx(request, folders, [output], host, cancel);
  return await takeLayout(request, folders.scratch, host, cancel);
}
