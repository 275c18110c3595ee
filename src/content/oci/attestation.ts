/**
 * Attestation manifests in BuildKit's form (its docs/attestations/attestation-storage.md): in-toto statements as layers of a
 * manifest that stands in the index beside the image it speaks of; and their subjects, named after every destination.
 */
import { asRecord, type Descriptor, invalid } from './descriptor.ts';
import { createHasher, type Digest, encodedOf, isDigest } from './digest.ts';
import { memberRanges, replaceRange } from './json-member.ts';
import type { Manifest } from './manifest.ts';
import { inTotoType } from './media-types.ts';
import type { Platform } from './platform.ts';
import { familiarRepository, formatSubjectName, parseSubjectName, subjectNameOf } from './subject-name.ts';

/** The annotation of an attestation manifest's descriptor that tells its role. */
export const referenceTypeAnnotation = 'vnd.docker.reference.type';
/** The annotation of an attestation manifest's descriptor that names the image it speaks of. */
export const referenceDigestAnnotation = 'vnd.docker.reference.digest';
/** The annotation of a statement's layer that names its predicate type. */
export const predicateTypeAnnotation = 'in-toto.io/predicate-type';

/** The largest statement that is read. */
export const maxStatementBytes = 64 * 1024 * 1024;

/** One subject of a statement: a name and digests by algorithm. */
export interface StatementSubject {
  readonly name: string;
  readonly digest: Readonly<Record<string, string>>;
}

/** An in-toto statement (v0.1 and v1), its predicate unread. */
export interface Statement {
  readonly predicateType: string;
  readonly subjects: readonly StatementSubject[];
}

/** What the subjects of a statement are put right by. */
export interface SubjectsWanted {
  /** The image manifest that the statement speaks of. */
  readonly image: Digest;
  readonly platform?: Platform;
  /** `host/repository` of each destination, or a layout's name; in order. */
  readonly destinations: readonly string[];
  /** `host/repository` that was pushed to: whatever names it is replaced, too. */
  readonly pushedTo?: string;
}

/** Whether a descriptor in an index points to an attestation manifest. */
export function isAttestation(descriptor: Descriptor): boolean {
  return descriptor.annotations?.[referenceTypeAnnotation] === 'attestation-manifest';
}

/** The image manifest that an attestation manifest's descriptor says it speaks of. */
export function attestedImage(descriptor: Descriptor): Digest | undefined {
  const named = descriptor.annotations?.[referenceDigestAnnotation];
  return named !== undefined && isDigest(named) ? named : undefined;
}

/** Whether a manifest holds nothing but in-toto statements: an attestation manifest, known without the index that names it. */
export function isAttestationManifest(manifest: Manifest): boolean {
  return manifest.kind === 'manifest' && manifest.layers.length > 0 && manifest.layers.every(isStatement);
}

/** Whether a layer is an in-toto statement. */
export function isStatement(layer: Descriptor): boolean {
  return layer.mediaType === inTotoType;
}

/** @throws FanfoldError `content.invalid` where the bytes are no in-toto statement */
export function parseStatement(bytes: Uint8Array): Statement {
  return readStatement(textOf(bytes));
}

/**
 * The statement with one subject for each destination instead of each that names the image (or what was pushed to); where it
 * has none at all, they are added. Not one byte beside the subjects changes: the predicate's order, numbers and escapes stay.
 * @throws FanfoldError `content.invalid`
 */
export function nameSubjects(bytes: Uint8Array, wanted: SubjectsWanted): Uint8Array {
  const text = textOf(bytes);
  const { subjects } = readStatement(text);
  const named = unique(subjects.length === 0 ? subjectsOf(wanted) : subjects.flatMap((one) => renamed(one, wanted)));
  const [range, ...more] = memberRanges(text, 'subject');
  if (range === undefined || more.length > 0) throw invalid('the statement', 'one with one list of subjects');
  if (same(named, subjects)) return bytes;
  return new TextEncoder().encode(replaceRange(text, range, JSON.stringify(named)));
}

/** The descriptor of bytes that take the place of those that `old` points to, by its algorithm; all else stays. */
export function redescribe(old: Descriptor, bytes: Uint8Array): Descriptor {
  const hasher = createHasher(old.digest);
  hasher.update(bytes);
  const { data, ...rest } = old;
  const embedded = data === undefined ? {} : { data: Buffer.from(bytes).toString('base64') };
  return { ...rest, digest: hasher.digest(), size: bytes.length, ...embedded };
}

/** The attestation's config with its `rootfs.diff_ids` (the statements' own digests) replaced; nothing else changes. */
export function replaceDiffIds(config: Uint8Array, replaced: ReadonlyMap<Digest, Descriptor>): Uint8Array {
  // A digest is in no JSON text by chance: where it stands, it is meant.
  const text = [...replaced].reduce((rest, [old, made]) => rest.replaceAll(old, made.digest), textOf(config));
  return new TextEncoder().encode(text);
}

/**
 * A manifest or index whose descriptors, wherever they point to what was replaced, point to its replacement. Unknown fields,
 * the fields' order and the indentation stay as the builder wrote them.
 */
export function replaceDescriptors(bytes: Uint8Array, replaced: ReadonlyMap<Digest, Descriptor>): Uint8Array {
  const text = textOf(bytes);
  const manifest = asRecord(JSON.parse(text), 'the manifest');
  const indentation = /^\{\r?\n([ \t]+)"/.exec(text)?.[1];
  const changed = Object.fromEntries(
    Object.entries(manifest).map(([name, value]) => [name, pointing.has(name) ? repoint(value, replaced) : value]),
  );
  return new TextEncoder().encode(JSON.stringify(changed, undefined, indentation));
}

const pointing = new Set(['config', 'layers', 'manifests', 'blobs', 'subject']);

function repoint(value: unknown, replaced: ReadonlyMap<Digest, Descriptor>): unknown {
  if (Array.isArray(value)) return value.map((item) => repoint(item, replaced));
  if (typeof value !== 'object' || value === null || !('digest' in value)) return value;
  const made = typeof value.digest === 'string' && isDigest(value.digest) ? replaced.get(value.digest) : undefined;
  if (made === undefined) return value;
  const data = 'data' in value && made.data !== undefined ? { data: made.data } : {};
  return { ...value, digest: made.digest, size: made.size, ...data };
}

function renamed(subject: StatementSubject, wanted: SubjectsWanted): readonly StatementSubject[] {
  const name = parseSubjectName(subject.name);
  if (name === undefined) return [subject];
  const isImage = subject.digest[wanted.image.split(':')[0] ?? ''] === encodedOf(wanted.image);
  if (!isImage && name.repository !== wanted.pushedTo) return [subject];
  return wanted.destinations.map((repository) => ({
    ...subject,
    name: formatSubjectName({ ...name, repository: familiarRepository(repository) }),
  }));
}

function subjectsOf({ image, platform, destinations }: SubjectsWanted): readonly StatementSubject[] {
  const digest = { [image.split(':')[0] ?? '']: encodedOf(image) };
  return destinations.map((repository) => ({ name: formatSubjectName(subjectNameOf(repository, platform)), digest }));
}

function readStatement(text: string): Statement {
  const fields = asRecord(parse(text), 'the statement');
  const { _type: type, predicateType, subject } = fields;
  if (typeof type !== 'string' || !type.startsWith('https://in-toto.io/Statement/')) {
    throw invalid('statement._type', 'an in-toto statement');
  }
  if (typeof predicateType !== 'string') throw invalid('statement.predicateType', 'a string');
  // Go writes a list without entries as null.
  if (subject !== null && !Array.isArray(subject)) throw invalid('statement.subject', 'a list');
  return { predicateType, subjects: (subject ?? []).map(readSubject) };
}

function readSubject(value: unknown, place: number): StatementSubject {
  const fields = asRecord(value, `statement.subject[${place}]`);
  const { name, digest } = fields;
  if (typeof name !== 'string') throw invalid(`statement.subject[${place}].name`, 'a string');
  const digests = asRecord(digest, `statement.subject[${place}].digest`);
  if (!Object.values(digests).every((one) => typeof one === 'string')) {
    throw invalid(`statement.subject[${place}].digest`, 'a map of strings');
  }
  return { ...fields, name, digest: digests as Readonly<Record<string, string>> };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the statement', 'JSON');
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid('the content', 'UTF-8');
  }
}

function unique(subjects: readonly StatementSubject[]): readonly StatementSubject[] {
  return [...new Map(subjects.map((one) => [JSON.stringify(one), one])).values()];
}

function same(a: readonly StatementSubject[], b: readonly StatementSubject[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
