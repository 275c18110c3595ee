/** Descriptors (OCI image specification 1.1, descriptor.md): what points to content. */
import { FanfoldError } from '../../base/errors/error.ts';
import { type Digest, digestOf, isDigest } from './digest.ts';
import type { Platform } from './platform.ts';

/** A pointer to content: its media type, digest and size in bytes, and what is said of it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: Platform;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly artifactType?: string;
  readonly urls?: readonly string[];
  readonly data?: string;
}

/** The descriptor of bytes that are all there. */
export function describe(mediaType: string, bytes: Uint8Array): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}

/** Only type, digest and size: the descriptor as an endpoint of a copy needs it. */
export function bare(descriptor: Descriptor): Descriptor {
  return { mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size };
}

/**
 * A descriptor from parsed JSON; unknown fields are dropped.
 * @throws FanfoldError `content.invalid` naming `where` the field stands
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  const field = asRecord(value, where);
  const { mediaType, digest, size } = field;
  if (typeof mediaType !== 'string' || mediaType === '') throw invalid(`${where}.mediaType`, 'a media type');
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid(`${where}.digest`, 'a sha256 or sha512 digest');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`${where}.size`, 'a size in bytes');
  return {
    mediaType,
    digest,
    size,
    ...optional(
      'platform',
      field['platform'] === undefined ? undefined : parsePlatformField(field['platform'], `${where}.platform`),
    ),
    ...optional('annotations', parseAnnotations(field['annotations'], `${where}.annotations`)),
    ...optional('artifactType', optionalString(field['artifactType'], `${where}.artifactType`)),
    ...optional('urls', optionalStrings(field['urls'], `${where}.urls`)),
    ...optional('data', optionalString(field['data'], `${where}.data`)),
  };
}

/** Annotations from parsed JSON: a map of strings; absent and null are undefined. */
export function parseAnnotations(value: unknown, where: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(asRecord(value, where));
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string'))
    throw invalid(where, 'a map of strings');
  return Object.fromEntries(entries);
}

/** A platform from parsed JSON, as it stands: not normalized, for that would change content. */
export function parsePlatformField(value: unknown, where: string): Platform {
  const field = asRecord(value, where);
  const { os, architecture } = field;
  if (typeof os !== 'string' || typeof architecture !== 'string')
    throw invalid(where, 'a platform with os and architecture');
  return {
    architecture,
    os,
    ...optional('os.version', optionalString(field['os.version'], `${where}.os.version`)),
    ...optional('os.features', optionalStrings(field['os.features'], `${where}.os.features`)),
    ...optional('variant', optionalString(field['variant'], `${where}.variant`)),
  };
}

/** @throws FanfoldError `content.invalid` where `value` is no JSON object */
export function asRecord(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(where, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

/** The error of a field that is not what the specification demands. */
export function invalid(where: string, wanted: string): FanfoldError {
  return new FanfoldError('content.invalid', `${where} is not ${wanted}`);
}

/** `{ name: value }`, or nothing where the value is undefined. */
export function optional<N extends string, V>(name: N, value: V | undefined): { readonly [K in N]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [K in N]?: V });
}

function optionalString(value: unknown, where: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(where, 'a string');
  return value;
}

function optionalStrings(value: unknown, where: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every((item): item is string => typeof item === 'string'))
    throw invalid(where, 'a list of strings');
  return value;
}
