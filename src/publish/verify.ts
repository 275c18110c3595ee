/** Reads back from every destination, and from no cache: equal digests, all platforms, every blob there, every attestation's subjects. */
import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import {
  attestedImage,
  isAttestation,
  isStatement,
  maxStatementBytes,
  parseStatement,
} from '../content/oci/attestation.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { type Digest, encodedOf } from '../content/oci/digest.ts';
import { isForeign, successors } from '../content/oci/graph.ts';
import type { Manifest } from '../content/oci/manifest.ts';
import { formatPlatform, type Platform, platformIdentity } from '../content/oci/platform.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { familiarRepository, parseSubjectName } from '../content/oci/subject-name.ts';
import { readBytes, readManifest } from '../content/store/copy.ts';
import type { Source } from '../content/store/store.ts';

/** What is expected to stand under one tag. */
export interface Expected {
  readonly tag: string;
  readonly locations: readonly Location[];
  /** Every platform that the index must hold; absent: whatever it holds. */
  readonly platforms?: readonly Platform[];
  /** What the tag must name; absent: the same everywhere. */
  readonly digest?: Digest;
  /** Names that each attestation's subjects must hold; absent: not asked. */
  readonly subjects?: readonly string[];
}

/** Something that is not as it should be. */
export interface Finding {
  readonly location: Location;
  readonly tag: string;
  readonly message: string;
}

/** What was read, and what was wrong. */
export interface Verification {
  readonly findings: readonly Finding[];
  /** What the tag names in each location; absent where it names nothing. */
  readonly digests: ReadonlyMap<Location, Digest>;
  readonly manifests: number;
  readonly blobs: number;
}

/** How hard to look. */
export interface VerifyOptions {
  /** Read and hash every blob, instead of asking whether it is there. */
  readonly deep?: boolean;
}

/** Verifies one tag in all its locations. What cannot be read is a finding, not an exception. */
export async function verifyTag(
  expected: Expected,
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  options: VerifyOptions = {},
  cancel: Cancel = {},
): Promise<Verification> {
  const looks = await Promise.all(
    expected.locations.map((location) => look(location, expected, open, options, cancel)),
  );
  const digests = new Map(
    looks.flatMap(({ location, digest }) => (digest === undefined ? [] : [[location, digest] as const])),
  );
  const sum = (count: (one: Look) => number): number => looks.reduce((total, one) => total + count(one), 0);
  return {
    findings: [...looks.flatMap(({ findings }) => findings), ...unequal(expected, digests)],
    digests,
    manifests: sum(({ manifests }) => manifests),
    blobs: sum(({ blobs }) => blobs),
  };
}

interface Look {
  readonly location: Location;
  digest?: Digest;
  readonly findings: Finding[];
  manifests: number;
  blobs: number;
}

interface Reading {
  readonly look: Look;
  readonly expected: Expected;
  readonly source: Source;
  readonly options: VerifyOptions;
  readonly cancel: Cancel;
  readonly seen: Set<Digest>;
}

async function look(
  location: Location,
  expected: Expected,
  open: (location: Location, cancel?: Cancel) => Promise<Source>,
  options: VerifyOptions,
  cancel: Cancel,
): Promise<Look> {
  const made: Look = { location, findings: [], manifests: 0, blobs: 0 };
  const wrong = (message: string): number => made.findings.push({ location, tag: expected.tag, message });
  try {
    const source = await open(location, cancel);
    const root = await source.resolve(expected.tag, cancel);
    if (root === undefined) wrong('the tag names nothing');
    else {
      made.digest = root.digest;
      if (expected.digest !== undefined && root.digest !== expected.digest)
        wrong(`names ${root.digest}; expected is ${expected.digest}`);
      await readGraph({ look: made, expected, source, options, cancel, seen: new Set() }, root);
    }
  } catch (error) {
    cancel.signal?.throwIfAborted();
    wrong(messageOf(error));
  }
  return made;
}

async function readGraph(reading: Reading, root: Descriptor): Promise<void> {
  const manifest = await readCounted(reading, root);
  if (manifest.kind === 'manifest') return await readImage(reading, root, manifest);
  comparePlatformsOf(reading, manifest.manifests);
  for (const child of manifest.manifests) {
    await tolerate(reading, child, async () => {
      const inner = await readCounted(reading, child);
      if (inner.kind === 'index') throw new Error('is an index within the index');
      await readImage(reading, child, inner);
      if (isAttestation(child)) await readStatements(reading, child, inner.layers);
    });
  }
}

async function readCounted(reading: Reading, content: Descriptor): Promise<Manifest> {
  reading.look.manifests++;
  return (await readManifest(reading.source, content, reading.cancel)).manifest;
}

async function readImage(reading: Reading, content: Descriptor, manifest: Manifest): Promise<void> {
  const blobs = successors(manifest).filter((blob) => blob.digest !== manifest.subject?.digest && !isForeign(blob));
  for (const blob of blobs) {
    if (reading.seen.has(blob.digest)) continue;
    reading.seen.add(blob.digest);
    reading.look.blobs++;
    await tolerate(reading, blob, () => readBlob(reading, content, blob));
  }
}

async function readBlob(reading: Reading, parent: Descriptor, blob: Descriptor): Promise<void> {
  if (reading.options.deep !== true) {
    if (!(await reading.source.has(blob, reading.cancel)))
      throw new Error(`is missing, though ${parent.digest} points to it`);
    return;
  }
  for await (const _ of reading.source.read(blob, reading.cancel)) reading.cancel.signal?.throwIfAborted();
}

async function readStatements(reading: Reading, attestation: Descriptor, layers: readonly Descriptor[]): Promise<void> {
  const image = attestedImage(attestation);
  if (image === undefined) throw new Error('is an attestation of nothing');
  for (const layer of layers.filter(isStatement)) {
    const statement = parseStatement(await readBytes(reading.source, layer, maxStatementBytes, reading.cancel));
    const named = statement.subjects.filter(({ digest }) => Object.values(digest).includes(encodedOf(image)));
    const repositories = named.map(({ name }) => parseSubjectName(name)?.repository);
    const lacking = (reading.expected.subjects ?? []).filter(
      (name) => !repositories.includes(familiarRepository(name)),
    );
    if (named.length === 0) throw new Error(`${statement.predicateType}: no subject has the digest of ${image}`);
    if (lacking.length > 0) throw new Error(`${statement.predicateType}: no subject names ${lacking.join(', ')}`);
  }
}

/** One content's failure is a finding; the rest is looked at all the same. */
async function tolerate(reading: Reading, content: Descriptor, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    reading.cancel.signal?.throwIfAborted();
    const { location, findings } = reading.look;
    findings.push({ location, tag: reading.expected.tag, message: `${content.digest} ${messageOf(error)}` });
  }
}

function comparePlatformsOf(reading: Reading, manifests: readonly Descriptor[]): void {
  const { look: made, expected } = reading;
  const held = new Set(
    manifests.flatMap(({ platform }) => (platform === undefined ? [] : [platformIdentity(platform)])),
  );
  for (const platform of expected.platforms ?? []) {
    if (held.has(platformIdentity(platform))) continue;
    made.findings.push({
      location: made.location,
      tag: expected.tag,
      message: `${formatPlatform(platform)} is missing`,
    });
  }
}

function unequal(expected: Expected, digests: ReadonlyMap<Location, Digest>): readonly Finding[] {
  const [first, ...others] = [...digests];
  if (first === undefined || expected.digest !== undefined) return [];
  return others
    .filter(([, digest]) => digest !== first[1])
    .map(([location, digest]) => ({
      location,
      tag: expected.tag,
      message: `names ${digest}; ${formatLocation(first[0])} has ${first[1]}`,
    }));
}
