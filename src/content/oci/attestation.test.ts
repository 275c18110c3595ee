import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  attestedImage,
  isAttestation,
  nameSubjects,
  parseStatement,
  redescribe,
  replaceDescriptors,
  replaceDiffIds,
} from './attestation.ts';
import { describe as describeBytes } from './descriptor.ts';
import { digestOf, parseDigest } from './digest.ts';

const image = parseDigest('sha256:de28c1d98c6f6f8de79b57bc27112458cad77b4f98c3857798e787365d5156b9');
const digest = { sha256: image.slice(7) };
const destinations = ['ghcr.io/acme/api', 'docker.io/acme/api'];
const recorded = (version: string) =>
  readFileSync(new URL(`../../../test/fixtures/attestations/provenance-${version}.json`, import.meta.url));
const bytesOf = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const statement = (subject: unknown) =>
  bytesOf({
    _type: 'https://in-toto.io/Statement/v0.1',
    predicateType: 'https://spdx.dev/Document',
    subject,
    predicate: { x: 1 },
  });
const named = (bytes: Uint8Array, more = {}) =>
  parseStatement(nameSubjects(bytes, { image, destinations, ...more })).subjects.map(({ name }) => name);

describe('nameSubjects', () => {
  test.for(['v0.2', 'v1'])('provenance %s: one subject for each destination, no other byte changed', (version) => {
    const before = recorded(version);
    const after = nameSubjects(before, { image, destinations });
    expect(parseStatement(after)).toEqual({
      predicateType: `https://slsa.dev/provenance/${version}`,
      subjects: [
        { name: 'pkg:docker/ghcr.io/acme/api@foo?platform=linux%2Famd64', digest },
        { name: 'pkg:docker/acme/api@foo?platform=linux%2Famd64', digest },
      ],
    });
    const rest = (bytes: Uint8Array) =>
      Buffer.from(bytes)
        .toString()
        .replace(/"subject":\[.*?\]/, '');
    expect(rest(after)).toBe(rest(before));
    expect(Buffer.from(after).includes('127.0.0.1')).toBe(false);
  });

  test('again changes nothing', () => {
    const once = nameSubjects(recorded('v1'), { image, destinations });
    expect(nameSubjects(once, { image, destinations })).toEqual(once);
  });

  const pushed = (name: string, digests: unknown = digest) => ({ name, digest: digests });
  test.for([
    {
      name: "a port's colon stays escaped where the builder escapes it",
      subject: [pushed('pkg:docker/127.0.0.1%3A1/x/api@latest?platform=linux%2Famd64')],
      to: ['127.0.0.1:5001/a'],
      want: ['pkg:docker/127.0.0.1%3A5001/a@latest?platform=linux%2Famd64'],
    },
    {
      name: 'two names of one push become one for each destination',
      subject: [pushed('pkg:docker/h:1/a@latest'), pushed('pkg:docker/h:1/b@latest')],
      to: destinations,
      want: ['pkg:docker/ghcr.io/acme/api@latest', 'pkg:docker/acme/api@latest'],
    },
    {
      name: 'two tags stay two',
      subject: [pushed('pkg:docker/h:1/a@1'), pushed('pkg:docker/h:1/a@2')],
      to: ['ghcr.io/a'],
      want: ['pkg:docker/ghcr.io/a@1', 'pkg:docker/ghcr.io/a@2'],
    },
    {
      name: 'a file that the statement speaks of stays, in its place',
      subject: [pushed('bin/tool', { sha256: 'ab' }), pushed('pkg:docker/h:1/a@1')],
      to: ['ghcr.io/a'],
      want: ['bin/tool', 'pkg:docker/ghcr.io/a@1'],
    },
    {
      name: 'another image stays',
      subject: [pushed('pkg:docker/other@1', { sha256: 'ab' })],
      to: ['ghcr.io/a'],
      want: ['pkg:docker/other@1'],
    },
    {
      name: 'what names the place that was pushed to goes, whatever its digest',
      subject: [pushed('pkg:docker/127.0.0.1:1/s/leg@1', { sha256: 'ab' })],
      to: ['ghcr.io/a'],
      want: ['pkg:docker/ghcr.io/a@1'],
    },
    {
      name: 'an export without a name has no subject: they are added',
      subject: [],
      to: ['ghcr.io/a'],
      want: ['pkg:docker/ghcr.io/a@latest?platform=linux%2Farm64'],
    },
    {
      name: "Go's empty list",
      subject: null,
      to: ['ghcr.io/a'],
      want: ['pkg:docker/ghcr.io/a@latest?platform=linux%2Farm64'],
    },
  ])('$name', ({ subject, to, want }) => {
    const more = {
      destinations: to,
      pushedTo: '127.0.0.1:1/s/leg',
      platform: { os: 'linux', architecture: 'arm64' },
    };
    expect(named(statement(subject), more)).toEqual(want);
  });

  test('every field of a subject but its name stays', () => {
    const subject = [{ uri: 'x', name: 'pkg:docker/h:1/a@1', digest: { ...digest, gitCommit: 'ff' }, more: [1] }];
    const after = nameSubjects(statement(subject), { image, destinations: ['b'] });
    expect(JSON.parse(Buffer.from(after).toString()).subject).toEqual([{ ...subject[0], name: 'pkg:docker/b@1' }]);
  });

  test.for([
    { name: 'no JSON', bytes: bytesOf('{') },
    { name: 'no object', bytes: bytesOf('[]') },
    { name: 'no UTF-8', bytes: Buffer.from([0x7b, 0xff, 0x7d]) },
    { name: 'a signed envelope', bytes: bytesOf({ payloadType: 'application/vnd.in-toto+json', payload: '' }) },
    { name: 'subjects that are none', bytes: statement('x') },
    { name: 'a subject without a name', bytes: statement([{ digest }]) },
    { name: 'a subject without digests', bytes: statement([{ name: 'x' }]) },
    {
      name: 'two lists of subjects, of which readers take one each',
      bytes: bytesOf(
        '{"_type":"https://in-toto.io/Statement/v1","predicateType":"x","subject":[],"subject":[],"predicate":{}}',
      ),
    },
  ])('$name is an error', ({ bytes }) =>
    expect(() => nameSubjects(bytes, { image, destinations })).toThrowError(
      expect.objectContaining({ code: 'content.invalid' }),
    ),
  );
});

describe('what points to a statement', () => {
  const old = describeBytes('application/vnd.in-toto+json', bytesOf('old'));
  const made = redescribe(old, bytesOf('newer'));
  const replaced = new Map([[old.digest, made]]);

  test('redescribe keeps what is said of the content, and its embedded data in step', () => {
    const annotations = { 'in-toto.io/predicate-type': 'x' };
    expect(redescribe({ ...old, annotations, data: 'b2xk' }, bytesOf('newer'))).toEqual({
      ...old,
      annotations,
      digest: digestOf('newer'),
      size: 5,
      data: Buffer.from('newer').toString('base64'),
    });
  });

  test.for([
    { name: 'indented as BuildKit does', indentation: 2 },
    { name: 'compact', indentation: 0 },
    { name: 'by tabs', indentation: '\t' },
  ])('replaceDescriptors changes digest and size and nothing else: $name', ({ indentation }) => {
    const layer = { mediaType: old.mediaType, digest: old.digest, size: old.size, 'x-own': { y: [1] } };
    const other = { mediaType: 'x', digest: digestOf('other'), size: 5 };
    const manifest = {
      schemaVersion: 2,
      own: 1,
      config: other,
      layers: [layer, other],
      annotations: { a: old.digest },
    };
    const after = replaceDescriptors(bytesOf(JSON.stringify(manifest, undefined, indentation)), replaced);
    const want = { ...manifest, layers: [{ ...layer, digest: made.digest, size: 5 }, other] };
    expect(Buffer.from(after).toString()).toBe(JSON.stringify(want, undefined, indentation));
  });

  test('replaceDiffIds', () => {
    const config = { architecture: 'unknown', rootfs: { type: 'layers', diff_ids: [old.digest] } };
    const after = Buffer.from(replaceDiffIds(bytesOf(config), replaced)).toString();
    expect(after).toBe(JSON.stringify({ ...config, rootfs: { type: 'layers', diff_ids: [made.digest] } }));
  });
});

test('an attestation is known by its annotations', () => {
  const descriptor = describeBytes('application/vnd.oci.image.manifest.v1+json', bytesOf('x'));
  const annotations = {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': image,
  };
  expect(isAttestation(descriptor)).toBe(false);
  expect(isAttestation({ ...descriptor, annotations })).toBe(true);
  expect(attestedImage({ ...descriptor, annotations })).toBe(image);
  expect(attestedImage({ ...descriptor, annotations: { 'vnd.docker.reference.digest': 'sha256:x' } })).toBeUndefined();
});
