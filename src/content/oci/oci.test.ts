import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import { parseDigest } from './digest.ts';
import { canonicalJson, parseJson } from './json.ts';
import { maxManifestBytes, parseManifest } from './manifest.ts';
import { dockerTypes, ociTypes } from './media-types.ts';
import { comparePlatforms, formatPlatform, parsePlatform } from './platform.ts';
import { formatReference, parseLocation, parseReference } from './reference.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const text = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const descriptor = { mediaType: ociTypes.config, digest, size: 2 };
const image = { schemaVersion: 2, mediaType: ociTypes.manifest, config: descriptor, layers: [] };

suite('parsePlatform', () => {
  test.for([
    { name: 'arm without a variant is v7', given: 'linux/arm', want: 'linux/arm/v7' },
    { name: 'arm with a bare number', given: 'linux/arm/6', want: 'linux/arm/v6' },
    { name: 'arm64 drops its only variant', given: 'linux/arm64/v8', want: 'linux/arm64' },
    { name: 'arm64 keeps a later one', given: 'linux/arm64/v9', want: 'linux/arm64/v9' },
    { name: 'amd64 drops v1', given: 'linux/amd64/v1', want: 'linux/amd64' },
    { name: 'amd64 keeps v3', given: 'linux/amd64/v3', want: 'linux/amd64/v3' },
    { name: 'x86_64 is amd64', given: 'linux/x86_64', want: 'linux/amd64' },
    { name: 'aarch64 is arm64', given: 'linux/aarch64', want: 'linux/arm64' },
    { name: 'armhf is arm/v7', given: 'linux/armhf', want: 'linux/arm/v7' },
    { name: 'macos is darwin', given: 'macos/arm64', want: 'darwin/arm64' },
    { name: 'capitals', given: 'Linux/AMD64', want: 'linux/amd64' },
  ])('$name', ({ given, want }) => expect(formatPlatform(parsePlatform(given))).toBe(want));

  test.for([
    '',
    'linux',
    'linux/',
    '/amd64',
    'linux/arm/v7/x',
    'linux/a b',
    'linux/arm/',
    'linux//v7',
    'linux/amd64\n',
  ])('refuses %j', (given) => expect(() => parsePlatform(given)).toThrow(/is not a platform/));

  test('orders platforms in one way', () => {
    const sorted = ['linux/arm/v6', 'linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/386']
      .map(parsePlatform)
      .sort(comparePlatforms);
    expect(sorted.map(formatPlatform)).toEqual([
      'linux/386',
      'linux/amd64',
      'linux/arm/v6',
      'linux/arm/v7',
      'linux/arm64',
    ]);
  });
});

suite('parseReference', () => {
  test.for([
    { name: 'an official image', given: 'alpine', want: 'docker.io/library/alpine' },
    { name: 'a tag', given: 'alpine:3.20', want: 'docker.io/library/alpine:3.20' },
    { name: "a user's image", given: 'acme/api:1', want: 'docker.io/acme/api:1' },
    { name: 'a registry', given: 'ghcr.io/acme/api', want: 'ghcr.io/acme/api' },
    { name: 'a port is no tag', given: 'localhost:5000/api', want: 'localhost:5000/api' },
    { name: 'a port and a tag', given: '127.0.0.1:5000/a/b:v1', want: '127.0.0.1:5000/a/b:v1' },
    { name: 'a digest', given: `ghcr.io/a/b@${digest}`, want: `ghcr.io/a/b@${digest}` },
    { name: 'a tag and a digest', given: `ghcr.io/a/b:1@${digest}`, want: `ghcr.io/a/b:1@${digest}` },
    { name: 'index.docker.io', given: 'index.docker.io/acme/api', want: 'docker.io/acme/api' },
    { name: 'a layout', given: 'oci:out/a', want: 'oci:out/a' },
    { name: 'a layout with a tag', given: 'oci:/x/out.d/a:1.2', want: 'oci:/x/out.d/a:1.2' },
    { name: 'an IPv6 host', given: '[::1]:5000/a', want: '[::1]:5000/a' },
  ])('$name', ({ given, want }) => expect(formatReference(parseReference(given))).toBe(want));

  test.for([
    '',
    ':',
    'a:',
    'ghcr.io/Acme/api',
    'ghcr.io/a//b',
    'ghcr.io/../b',
    'oci:',
    'a@sha256:12',
    'a b',
    'a:b c',
    '-a/b',
    'ghcr.io/a/b:-x',
    `a@sha512:${'a'.repeat(64)}`,
    'x'.repeat(300),
  ])('refuses %j', (given) => expect(() => parseReference(given)).toThrow(/is not a reference/));

  test('gives back what it printed', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,4})?$/);
    const reference = fc.tuple(
      fc.constantFrom('ghcr.io', 'localhost:5000', 'quay.io:443'),
      fc.array(part, { minLength: 1, maxLength: 3 }),
      fc.option(fc.stringMatching(/^[\w][\w.-]{0,20}$/)),
    );
    fc.assert(
      fc.property(reference, ([host, parts, tag]) => {
        const written = `${host}/${parts.join('/')}${tag === null ? '' : `:${tag}`}`;
        expect(formatReference(parseReference(written))).toBe(written);
      }),
    );
  });

  test('a location has no tag', () => expect(() => parseLocation('ghcr.io/a/b:1')).toThrow(/does not belong here/));
});

suite('parseManifest', () => {
  test.for([
    { name: 'no JSON', given: '{', type: ociTypes.manifest, want: /is not JSON/ },
    { name: 'no UTF-8', given: '\u00ff', type: ociTypes.manifest, want: /is not JSON/, latin: true },
    { name: 'a list', given: [], type: ociTypes.manifest, want: /is not an object/ },
    {
      name: 'another schema',
      given: { ...image, schemaVersion: 1 },
      type: ociTypes.manifest,
      want: /schemaVersion is not 2/,
    },
    { name: 'announced as another type', given: image, type: ociTypes.index, want: /mediaType is not the announced/ },
    {
      name: 'an image that is also an index',
      given: { ...image, manifests: [] },
      type: ociTypes.manifest,
      want: /it has manifests/,
    },
    {
      name: 'an index that is also an image',
      given: { schemaVersion: 2, manifests: [], layers: [] },
      type: ociTypes.index,
      want: /config or layers/,
    },
    {
      name: 'no config',
      given: { ...image, config: undefined },
      type: ociTypes.manifest,
      want: /manifest.config is not an object/,
    },
    {
      name: 'a digest of no form',
      given: { ...image, config: { ...descriptor, digest: 'sha256:../../x' } },
      type: ociTypes.manifest,
      want: /config.digest/,
    },
    {
      name: 'a negative size',
      given: { ...image, layers: [{ ...descriptor, size: -1 }] },
      type: ociTypes.manifest,
      want: /layers\[0\].size/,
    },
    {
      name: 'a size beyond numbers',
      given: { ...image, layers: [{ ...descriptor, size: 2 ** 60 }] },
      type: ociTypes.manifest,
      want: /layers\[0\].size/,
    },
    {
      name: 'annotations of numbers',
      given: { ...image, annotations: { a: 1 } },
      type: ociTypes.manifest,
      want: /annotations is not a map of strings/,
    },
    {
      name: 'too many layers',
      given: { ...image, layers: Array.from({ length: 10_001 }, () => 0) },
      type: ociTypes.manifest,
      want: /at most 10000/,
    },
    {
      name: 'not a manifest type',
      given: image,
      type: 'text/plain',
      want: /mediaType is not the announced|not the type of a manifest/,
    },
  ])('refuses $name', ({ given, type, want, latin }) => {
    const bytes = latin === true ? Buffer.from(String(given), 'latin1') : text(given);
    expect(() => parseManifest(bytes, type)).toThrow(want);
  });

  test('bounds size and depth', () => {
    expect(() => parseManifest(new Uint8Array(maxManifestBytes + 1), ociTypes.manifest)).toThrow(/at most 4194304/);
    expect(() => parseManifest(text(`${'['.repeat(100)}${']'.repeat(100)}`), ociTypes.manifest)).toThrow(
      /more than 64 deep/,
    );
  });

  test("reads Docker's types and Go's null lists", () => {
    expect(
      parseManifest(text({ ...image, mediaType: dockerTypes.manifest, layers: null }), dockerTypes.manifest),
    ).toMatchObject({ kind: 'manifest', layers: [] });
    expect(
      parseManifest(text({ schemaVersion: 2, mediaType: dockerTypes.list, manifests: null }), dockerTypes.list),
    ).toMatchObject({ kind: 'index', manifests: [] });
  });

  test('never throws anything but its own errors', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(ociTypes.manifest, ociTypes.index), (json, type) => {
        try {
          parseManifest(text(json), type);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(content|host)\./) });
        }
      }),
    );
  });
});

suite('canonical JSON', () => {
  test('is equal for equal data in any order, and reads back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const backwards = Object.fromEntries(Object.entries(data).reverse());
        expect(canonicalJson(backwards)).toBe(canonicalJson(data));
        expect(parseJson(text(canonicalJson(data)), 'it')).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });
  test('refuses what JSON cannot hold', () => expect(() => canonicalJson({ a: Number.NaN })).toThrow(/cannot hold/));
});

test.for(['sha256:AB', 'md5:abc', `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(63)}`, ''])(
  '%j is no digest',
  (given) => {
    expect(() => parseDigest(given)).toThrow(/is not a sha256 or sha512 digest/);
  },
);
