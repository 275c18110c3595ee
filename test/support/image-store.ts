// A source of images that were made by hand, as a registry's repository gives them.

import type { Digest } from '../../src/content/oci/digest.ts';
import { type MemoryStore, memoryStore } from '../../src/content/store/memory.ts';
import { type Blob, blobsOf, descriptorOf, rootOf, type TestImage, type TestIndex } from './random-image.ts';

/** A memory store that holds the content under a tag. */
export async function imageStore(content: TestImage | TestIndex, tag = 'latest'): Promise<MemoryStore> {
  const store = memoryStore();
  await addImage(store, content, tag);
  return store;
}

/** Puts more content into a store, under a tag. */
export async function addImage(store: MemoryStore, content: TestImage | TestIndex, tag: string): Promise<void> {
  for (const blob of blobsOf(content)) await store.write(described(blob), once(blob.bytes));
  await store.tag(described(rootOf(content)), tag);
}

/** A blob's descriptor as the product has it. */
export function described(blob: Blob): { mediaType: string; digest: Digest; size: number } {
  return { ...descriptorOf(blob), digest: blob.digest as Digest };
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
