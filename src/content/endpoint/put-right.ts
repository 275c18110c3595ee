/** Puts an attestation right: its statements' subjects name every destination, and what points to the statements follows. */
import type { Cancel } from '../../base/host/cancel.ts';
import {
  isStatement,
  maxStatementBytes,
  nameSubjects,
  redescribe,
  replaceDescriptors,
  replaceDiffIds,
  type SubjectsWanted,
} from '../oci/attestation.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { HeldManifest } from './held.ts';
import { type Repository, readWholeBlob } from './repository.ts';

/** Bytes and what points to them. */
export interface Content {
  readonly content: Descriptor;
  readonly bytes: Uint8Array;
}

/** An attestation manifest as it is published, and the blobs that are new in it. */
export interface PutRight {
  readonly manifest: Uint8Array;
  readonly blobs: readonly Content[];
  /** The digests that nothing points to any more. */
  readonly replaced: ReadonlySet<Digest>;
}

/** @throws FanfoldError `content.invalid` where a statement is none, `host.too-large` past 64 MiB, and what the store throws */
export async function putRight(
  repository: Repository,
  { manifest, bytes, pushed }: HeldManifest,
  wanted: SubjectsWanted,
  cancel: Cancel,
): Promise<PutRight> {
  const blobs: Content[] = [];
  const replaced = new Map<Digest, Descriptor>();
  const replace = (old: Descriptor, before: Uint8Array, after: Uint8Array): void => {
    if (Buffer.compare(before, after) === 0) return;
    const content = redescribe(old, after);
    replaced.set(old.digest, content);
    blobs.push({ content, bytes: after });
  };
  if (manifest.kind === 'index') return { manifest: bytes, blobs, replaced: new Set() };
  for (const layer of manifest.layers.filter(isStatement)) {
    const statement = await readWholeBlob(repository, layer, maxStatementBytes, cancel);
    const right = nameSubjects(statement, wanted);
    tellWhatStays(repository, right, pushed);
    replace(layer, statement, right);
  }
  if (replaced.size === 0) return { manifest: bytes, blobs, replaced: new Set() };
  const config = await readWholeBlob(repository, manifest.config, maxStatementBytes, cancel);
  replace(manifest.config, config, replaceDiffIds(config, replaced));
  return { manifest: replaceDescriptors(bytes, replaced), blobs, replaced: new Set(replaced.keys()) };
}

/** A predicate is the builder's word and not ours to change; that it names the endpoint is told. */
function tellWhatStays({ name, policy }: Repository, statement: Uint8Array, attestation: Descriptor): void {
  const secretPart = name.split('/')[0] ?? name;
  if (!Buffer.from(statement.buffer, statement.byteOffset, statement.length).includes(secretPart)) return;
  policy.on({
    kind: 'notice',
    message: `the predicate of a statement in ${attestation.digest} names the endpoint that the builder pushed to`,
  });
}
