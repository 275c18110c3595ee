/** Images out of OCI layouts for Buildah, which reads a layout by tag alone: each is copied to a small layout of its own. */

import { posix } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { bare, type Descriptor } from '../../content/oci/descriptor.ts';
import { type Location, parseReference, type Reference } from '../../content/oci/reference.ts';
import { copyGraph } from '../../content/store/copy.ts';
import { layoutStore } from '../../content/store/layout/layout.ts';
import type { BuildRequest } from '../builder.ts';
import { familyRoot } from '../family-root.ts';
import { forcedImages } from '../forced.ts';
import type { LayoutImages } from './arguments.ts';

const tag = 'leg';

/** Copies what the build reads out of layouts into `folder`. */
export async function copyLayoutImages(
  request: BuildRequest,
  folder: string,
  host: Host,
  cancel: Cancel,
): Promise<LayoutImages> {
  const images = new Map<string, string>();
  for (const { name, reference } of wantedImages(request)) {
    const source = await request.open(absolute(reference.location, familyRoot(request.keyed, host)), cancel);
    const found = await source.resolve(reference.digest ?? reference.tag ?? 'latest', cancel);
    if (found === undefined) throw notThere(request, name, reference.location);
    const path = `${folder}/${images.size}`;
    const copy = layoutStore({ kind: 'layout', path }, host);
    const content: Descriptor = bare(found);
    await copyGraph(source, copy, content, {}, cancel);
    await copy.tag(content, tag, cancel);
    images.set(name, `oci:${path}:${tag}`);
  }
  return images;
}

function wantedImages(request: BuildRequest): readonly { readonly name: string; readonly reference: Reference }[] {
  const forced = forcedImages(request).flatMap(({ name, location, digest }) =>
    location.kind === 'layout' ? [{ name, reference: { location, digest } }] : [],
  );
  const named = Object.entries(request.keyed.leg.target.contexts).flatMap(([name, context]) =>
    context.kind === 'layout' ? [{ name, reference: parseReference(`oci:${context.reference}`) }] : [],
  );
  // What the key names by digest wins over the name as written.
  return [...new Map([...named, ...forced].map((image) => [image.name, image])).values()];
}

function absolute(location: Location, root: string): Location {
  return location.kind === 'layout' ? { ...location, path: posix.resolve(root, location.path) } : location;
}

function notThere({ keyed: { leg } }: BuildRequest, name: string, location: Location): FanfoldError {
  const path = location.kind === 'layout' ? location.path : location.repository;
  return new FanfoldError('build.failed', `${leg.name}: ${name} is to be read from ${path}, which does not hold it`, {
    place: { target: leg.target.name },
  });
}
