/** Everything held that a manifest reaches, in the form in which it is published. */
import type { Cancel } from '../../base/host/cancel.ts';
import { attestedImage, isAttestation, redescribe, replaceDescriptors } from '../oci/attestation.ts';
import { bare, type Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { assertDepth } from '../oci/graph.ts';
import type { HeldManifest } from './held.ts';
import { type Content, putRight } from './put-right.ts';
import type { Repository } from './repository.ts';

/** A graph, ready to be written. */
export interface Gathered {
  readonly published: Descriptor;
  readonly blobs: ReadonlyMap<Digest, Content>;
  /** Children before parents; `from` is what was pushed. */
  readonly manifests: readonly (Content & { readonly from: HeldManifest })[];
}

/**
 * What is held of the graph below `root`. What is in the store already is not part of it.
 * @throws FanfoldError `content.too-deep`, `content.invalid` where a statement is none
 */
export async function gather(repository: Repository, root: HeldManifest, cancel: Cancel): Promise<Gathered> {
  const blobs = new Map<Digest, Content>();
  const manifests: (Content & { readonly from: HeldManifest })[] = [];
  const done = new Map<Digest, Descriptor>();

  const visit = async (held: HeldManifest, depth: number): Promise<Descriptor> => {
    const before = held.published ?? done.get(held.pushed.digest);
    if (before !== undefined) return before;
    assertDepth(depth, held.pushed);
    const replaced = new Map<Digest, Descriptor>();
    for (const child of childrenOf(repository, held)) {
      const published = await visitChild(held, child, depth + 1);
      if (published.digest !== child.digest) replaced.set(child.digest, { ...child, ...bare(published) });
    }
    const subject = publishedSubject(repository, held);
    if (subject !== undefined) replaced.set(subject.from, subject.content);
    takeBlobs(held, new Set());
    return take(held, replaced.size === 0 ? held.bytes : replaceDescriptors(held.bytes, replaced));
  };

  const visitChild = async (parent: HeldManifest, child: Descriptor, depth: number): Promise<Descriptor> => {
    const held = repository.held.manifests.get(child.digest);
    if (held === undefined) return child;
    const image = attestedImage(child);
    const { subjects: destinations, reference: pushedTo } = repository.policy;
    if (destinations === undefined || image === undefined || !isAttestation(child)) return await visit(held, depth);
    const before = held.published ?? done.get(child.digest);
    if (before !== undefined) return before;
    const platform = siblings(parent).find(({ digest }) => digest === image)?.platform;
    const wanted = { image, destinations, pushedTo, ...(platform === undefined ? {} : { platform }) };
    const right = await putRight(repository, held, wanted, cancel);
    for (const blob of right.blobs) blobs.set(blob.content.digest, blob);
    takeBlobs(held, right.replaced);
    return take(held, right.manifest);
  };

  const takeBlobs = (held: HeldManifest, except: ReadonlySet<Digest>): void => {
    for (const content of blobsOf(held)) {
      const bytes = repository.held.blobs.get(content.digest);
      if (bytes !== undefined && !except.has(content.digest)) blobs.set(content.digest, { content, bytes });
    }
  };

  const take = (from: HeldManifest, bytes: Uint8Array): Descriptor => {
    const content = bytes === from.bytes ? from.pushed : redescribe(from.pushed, bytes);
    manifests.push({ content, bytes, from });
    done.set(from.pushed.digest, content);
    return content;
  };

  return { published: await visit(root, 1), blobs, manifests };
}

function siblings({ manifest }: HeldManifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [];
}

function childrenOf({ held }: Repository, parent: HeldManifest): readonly Descriptor[] {
  return siblings(parent).filter(({ digest }) => held.manifests.get(digest) !== undefined);
}

/** A cache's index has blobs among its manifests, hence both. */
function blobsOf({ manifest }: HeldManifest): readonly Descriptor[] {
  return manifest.kind === 'index' ? manifest.manifests : [manifest.config, ...manifest.layers];
}

/** What refers to an index that was put right refers to what it became. */
function publishedSubject(
  { held }: Repository,
  { manifest }: HeldManifest,
): { readonly from: Digest; readonly content: Descriptor } | undefined {
  const from = manifest.subject;
  const published = from === undefined ? undefined : held.manifests.get(from.digest)?.published;
  if (from === undefined || published === undefined || published.digest === from.digest) return undefined;
  return { from: from.digest, content: { ...from, ...bare(published) } };
}
