/** A layout that a builder left: its one image, sent through the leg's endpoint, so that it is checked and put right as a push is. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { maxManifestBytes, parseManifest } from '../content/oci/manifest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { parseLocation } from '../content/oci/reference.ts';
import { copyGraph } from '../content/store/copy.ts';
import { layoutStore } from '../content/store/layout/layout.ts';
import { openStores } from '../content/store/open.ts';
import type { BuildRequest } from './builder.ts';
import { openLegEndpoint, orRefusal } from './leg-endpoint.ts';
import { onlyPush, type Pushed } from './made.ts';

/** What a layout's index.json lists, each digest once; empty where there is no layout. */
export async function layoutRoots(folder: string, host: Pick<Host, 'files'>): Promise<readonly Descriptor[]> {
  const file = `${folder}/index.json`;
  if ((await host.files.kindOf(file)) === undefined) return [];
  const index = parseManifest(await host.files.readBytes(file, maxManifestBytes), ociTypes.index);
  if (index.kind !== 'index') return [];
  return [...new Map(index.manifests.map((root) => [root.digest, root])).values()];
}

/**
 * Sends the one image of a layout through an endpoint of the leg's.
 * @throws FanfoldError `build.result` where the layout holds none or several; what the endpoint refuses
 */
export async function takeLayout(request: BuildRequest, folder: string, host: Host, cancel: Cancel): Promise<Pushed> {
  const roots = await layoutRoots(folder, host);
  const [root, ...more] = roots;
  if (root === undefined || more.length > 0) throw notOne(request, roots);
  await using endpoint = await openLegEndpoint(request, host, cancel);
  const layout = layoutStore({ kind: 'layout', path: folder }, host);
  const to = await openStores(host).open(parseLocation(endpoint.reference), cancel);
  await orRefusal(endpoint, () => copyGraph(layout, to, root, { check: 'blobs' }, cancel), cancel);
  return onlyPush(request, 'the layout', await endpoint.finish(cancel));
}

function notOne({ keyed: { leg } }: Pick<BuildRequest, 'keyed'>, roots: readonly Descriptor[]): FanfoldError {
  const names = roots.map(({ platform, digest }) => (platform === undefined ? digest : formatPlatform(platform)));
  const what = roots.length === 0 ? 'no image' : `${roots.length} images (${names.join(', ')})`;
  return new FanfoldError('build.result', `${leg.name}: the layout that was left holds ${what}`, {
    place: { target: leg.target.name, platform: formatPlatform(leg.platform) },
    hint: `leave one image for ${formatPlatform(leg.platform)} in it`,
  });
}
