/** The way of most builds: one push to the endpoint, which brings it to every registry. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import type { BuildRequest } from '../builder.ts';
import type { BuildFolders } from '../folders.ts';
import { openLegEndpoint, orRefusal } from '../leg-endpoint.ts';
import { onlyPush, type Pushed } from '../made.ts';
import { csv } from './arguments.ts';
import { runBuildx } from './run.ts';

/** Builds and pushes a leg once. What the endpoint committed counts, not what Buildx writes down. */
export async function buildByEndpoint(
  request: BuildRequest,
  by: 'digest' | 'tag',
  folders: BuildFolders,
  host: Host,
  cancel: Cancel,
): Promise<Pushed> {
  await using endpoint = await openLegEndpoint(request, host, cancel);
  const output = pushOutput(endpoint.reference, by);
  await orRefusal(endpoint, () => runBuildx(request, folders, [output], host, cancel), cancel);
  return onlyPush(request, 'docker buildx build', await endpoint.finish(cancel));
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
