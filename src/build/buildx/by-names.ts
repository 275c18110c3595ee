/** The way of a BuildKit that pushes itself: one exporter with every name writes one statement with a subject for each; staging is filled from the first. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { asRecord, optional } from '../../content/oci/descriptor.ts';
import { isDigest } from '../../content/oci/digest.ts';
import { parseJson } from '../../content/oci/json.ts';
import { formatLocation } from '../../content/oci/reference.ts';
import { copyGraph } from '../../content/store/copy.ts';
import type { BuildRequest, CacheUse } from '../builder.ts';
import type { BuildFolders } from '../folders.ts';
import type { Pushed } from '../made.ts';
import { csv } from './arguments.ts';
import { buildCached, ownCache } from './cache.ts';
import { runBuildx } from './run.ts';

const maxMetadataBytes = 64 * 1024 * 1024;

/**
 * Builds a leg and lets BuildKit push it, by digest, to every destination; then the request's store takes it from the first.
 * @throws FanfoldError `build.failed`, `build.result` where no destination holds what Buildx says it pushed
 */
export async function buildByNames(
  request: BuildRequest,
  folders: BuildFolders,
  host: Host,
  cancel: Cancel,
): Promise<Pushed & { readonly cache?: CacheUse }> {
  const { destinations } = request.keyed.leg.target;
  const names = destinations.map(({ location }) => formatLocation(location)).join(',');
  const output = csv({
    type: 'image',
    name: names,
    push: 'true',
    'push-by-digest': 'true',
    'oci-mediatypes': 'true',
    store: 'false',
  });
  const metadata = `${folders.scratch}/metadata.json`;
  await host.files.replace(metadata, '{}');
  const build = (own: BuildRequest, more: readonly string[]): Promise<void> =>
    runBuildx(own, folders, [output], host, cancel, [`--metadata-file=${metadata}`, ...more]);
  const { cache } = await buildCached(request, ownCache, build, cancel);
  const digest = await pushedDigest(metadata, host);
  const [first] = destinations;
  const source = first === undefined ? undefined : await request.open(first.location, cancel);
  // The registry's own word, verified as it is read: the file of one exporter only says where to look.
  const root = digest === undefined ? undefined : await source?.resolve(digest, cancel);
  if (source === undefined || root === undefined) throw notThere(request, digest);
  await copyGraph(source, request.store, root, { check: 'blobs' }, cancel);
  return { pushed: root, published: root, ...optional('cache', cache) };
}

async function pushedDigest(metadata: string, host: Host): Promise<string | undefined> {
  const bytes = await host.files.readBytes(metadata, maxMetadataBytes);
  const digest = asRecord(parseJson(bytes, 'the metadata file'), 'the metadata file')['containerimage.digest'];
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

function notThere({ keyed: { leg } }: BuildRequest, digest: string | undefined): FanfoldError {
  const what = digest ?? 'an image whose digest Buildx did not tell';
  return new FanfoldError(
    'build.result',
    `${leg.name}: BuildKit pushed ${what}, which the first destination does not hold`,
    {
      place: { target: leg.target.name },
      hint: "leave out `remote: push`, and the builder's OCI export is read instead",
    },
  );
}
