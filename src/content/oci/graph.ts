/** Content as a graph: what a manifest points to, and a walk over it within bounds. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Descriptor } from './descriptor.ts';
import type { Manifest } from './manifest.ts';
import { isManifestType } from './media-types.ts';

/** How far a graph may reach. */
export interface GraphBounds {
  /** Manifests on one way from the root to a leaf, the root among them. */
  readonly maxDepth: number;
  /** Different contents in the whole graph. */
  readonly maxCount: number;
}

/** An index of indexes of images needs three; nothing sound needs eight. */
export const graphBounds: GraphBounds = { maxDepth: 8, maxCount: 100_000 };

/** What a manifest points to, in its own order: config and layers, or manifests; its subject first. */
export function successors(manifest: Manifest): readonly Descriptor[] {
  const subject = manifest.subject === undefined ? [] : [manifest.subject];
  return manifest.kind === 'index'
    ? [...subject, ...manifest.manifests]
    : [...subject, manifest.config, ...manifest.layers];
}

const foreignTypes = /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

/** Whether content is kept elsewhere (a "non-distributable" layer with urls): nobody copies it, and no registry asks for it. */
export function isForeign(content: Descriptor): boolean {
  return foreignTypes.test(content.mediaType) && (content.urls ?? []).length > 0;
}

/** @throws FanfoldError `content.too-deep` where `depth`, counted from 1, passes the bound */
export function assertDepth(depth: number, content: Descriptor, bounds: GraphBounds = graphBounds): void {
  if (depth <= bounds.maxDepth) return;
  throw new FanfoldError('content.too-deep', `manifests are nested more than ${bounds.maxDepth} deep`, {
    place: { digest: content.digest },
  });
}

/** @throws FanfoldError `content.too-deep` where `count` passes the bound */
export function assertCount(count: number, root: Descriptor, bounds: GraphBounds = graphBounds): void {
  if (count <= bounds.maxCount) return;
  throw new FanfoldError('content.too-deep', `the graph holds more than ${bounds.maxCount} contents`, {
    place: { digest: root.digest },
  });
}

/** One content that a walk came to; `manifest` where it is one. */
export interface Visit {
  readonly content: Descriptor;
  readonly manifest?: Manifest;
}

/**
 * Every content that `root` reaches, each digest once, parents before children. `read` gives a manifest.
 * @throws FanfoldError `content.too-deep`, and what `read` throws
 */
export async function* walk(
  root: Descriptor,
  read: (content: Descriptor) => Promise<Manifest>,
  bounds: GraphBounds = graphBounds,
): AsyncIterable<Visit> {
  const seen = new Set<string>([root.digest]);
  const open: { content: Descriptor; depth: number }[] = [{ content: root, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { content, depth } = next;
    if (!isManifestType(content.mediaType)) {
      yield { content };
      continue;
    }
    assertDepth(depth, content, bounds);
    const manifest = await read(content);
    yield { content, manifest };
    for (const child of [...successors(manifest)].reverse()) {
      if (seen.has(child.digest)) continue;
      seen.add(child.digest);
      assertCount(seen.size, root, bounds);
      open.push({ content: child, depth: depth + 1 });
    }
  }
}
