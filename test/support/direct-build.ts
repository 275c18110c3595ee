// What the direct builder makes of a keyed leg, from a context of the test's choice: the judge of what a key must tell apart.

import { nodeHost } from '../../src/base/host/host.ts';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import type { Source } from '../../src/content/store/store.ts';
import { readIgnore } from '../../src/source/dockerfile/ignore.ts';
import type { ReadableTree } from '../../src/source/dockerfile/tree.ts';
import { visibleTree } from '../../src/source/dockerfile/visible-tree.ts';
import type { KeyedLeg } from '../../src/source/inputs/leg-inputs.ts';

/** Builds a leg. Gives the digest of its manifest. */
export async function buildDirectly(
  keyed: KeyedLeg,
  context: ReadableTree = keyed.inputs.context,
  bases: Source = memoryStore(),
): Promise<string> {
  const request = {
    keyed,
    context,
    store: memoryStore(),
    subjects: [],
    buildsOn: new Map(),
    open: async () => bases,
    on: () => undefined,
  };
  return (await directBuilder('0').build(request, nodeHost(), {})).manifest.digest;
}

/** A whole tree as a builder sees it: what its ignore file ignores is not there. */
export async function wholeContext(tree: ReadableTree, ignoreFile = '.dockerignore'): Promise<ReadableTree> {
  const file = tree.find(ignoreFile);
  const chunks: Uint8Array[] = [];
  if (file !== undefined) for await (const chunk of tree.read(file)) chunks.push(chunk);
  const visible = visibleTree(tree, readIgnore(Buffer.concat(chunks).toString('utf8')));
  return { find: visible.find, children: visible.children, read: tree.read, sizeBytes: tree.sizeBytes };
}
