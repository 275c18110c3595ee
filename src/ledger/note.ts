/** Note: a little JSON under a tag in staging, in a manifest of the form that every registry takes (an empty config, no layer of its own). */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { type Descriptor, describe } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import { canonicalJson, parseJson } from '../content/oci/json.ts';
import { type ImageManifest, type Manifest, serializeManifest } from '../content/oci/manifest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { readNamed, writeBytes } from '../content/store/copy.ts';
import type { Source, Store } from '../content/store/store.ts';

/** A note's JSON has at most so many bytes, as a text in another JSON. */
export const maxNoteBytes = 1024 * 1024;

const nameAnnotation = 'io.fanfold.name';
const dataAnnotation = 'io.fanfold.data';
/** OCI image specification 1.1, "Guidance for an Empty Descriptor". */
const emptyBytes = new TextEncoder().encode('{}');
const empty: Descriptor = describe(ociTypes.empty, emptyBytes);

/** A note that was found. */
export interface Note {
  readonly data: unknown;
  /** Of its manifest. */
  readonly digest: Digest;
}

/**
 * What a tag notes; undefined where it names nothing.
 * @throws FanfoldError `ledger.invalid` where it names something else
 */
export async function findNote(
  staging: Source,
  tag: string,
  artifactType: string,
  cancel: Cancel = {},
): Promise<Note | undefined> {
  const named = await readNamed(staging, tag, cancel);
  return named && { data: dataOf(named.manifest, tag, artifactType), digest: named.content.digest };
}

/**
 * Notes `data` under a tag, over what stood there; `name` is for people. Gives the digest of its manifest.
 * @throws FanfoldError `host.too-large`
 */
export async function writeNote(
  staging: Store,
  tag: string,
  artifactType: string,
  name: string,
  data: unknown,
  cancel: Cancel = {},
): Promise<Digest> {
  const text = canonicalJson(data);
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > maxNoteBytes)
    throw new FanfoldError('host.too-large', `a note of ${sizeBytes} bytes; at most ${maxNoteBytes} are written`);
  const manifest: ImageManifest = {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    artifactType,
    config: empty,
    layers: [empty],
    annotations: { [dataAnnotation]: text, [nameAnnotation]: name },
  };
  await writeBytes(staging, empty.mediaType, emptyBytes, cancel);
  const written = await writeBytes(staging, manifest.mediaType, serializeManifest(manifest), cancel);
  await staging.tag(written, tag, cancel);
  return written.digest;
}

function dataOf(manifest: Manifest, tag: string, artifactType: string): unknown {
  const text = manifest.artifactType === artifactType ? manifest.annotations?.[dataAnnotation] : undefined;
  if (text === undefined || Buffer.byteLength(text) > maxNoteBytes) {
    throw new FanfoldError(
      'ledger.invalid',
      `what the tag ${tag} names in staging is not of the type ${artifactType}`,
      {
        hint: 'use a staging repository that nothing but Fanfold writes to',
      },
    );
  }
  return parseJson(new TextEncoder().encode(text), `what ${tag} names in staging`);
}
