import fc from 'fast-check';
import { expect, describe as suite, test } from 'vitest';
import { referenceDigestAnnotation, referenceTypeAnnotation } from './attestation.ts';
import type { Descriptor } from './descriptor.ts';
import { digestOf } from './digest.ts';
import { type LegContent, legsOf, mergeLegs } from './image-index.ts';
import { parseManifest } from './manifest.ts';
import { ociTypes } from './media-types.ts';
import { formatPlatform, parsePlatform } from './platform.ts';

const platforms = [
  'linux/amd64',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/386',
  'linux/ppc64le',
  'windows/amd64',
];

function manifestOf(text: string): Descriptor {
  return { mediaType: ociTypes.manifest, digest: digestOf(text), size: text.length };
}

function legOf(platform: string, attestations = 0): LegContent {
  const manifest = { ...manifestOf(platform), platform: parsePlatform(platform) };
  const attached = Array.from({ length: attestations }, (_, place) => ({
    ...manifestOf(`${platform} attestation ${place}`),
    annotations: {
      [referenceTypeAnnotation]: 'attestation-manifest',
      [referenceDigestAnnotation]: manifest.digest,
      other: 'dropped',
    },
    platform: { os: 'unknown', architecture: 'unknown' },
  }));
  return { manifest, attestations: attached };
}

suite('mergeLegs', () => {
  test('gives equal bytes for equal legs in any order', () => {
    const legs = platforms.map((platform, place) => legOf(platform, place % 3));
    const { descriptor } = mergeLegs(legs);
    fc.assert(
      fc.property(fc.shuffledSubarray(legs, { minLength: legs.length }), (shuffled) => {
        expect(mergeLegs(shuffled).descriptor).toEqual(descriptor);
      }),
    );
  });

  test('puts each attestation behind the manifest that it speaks of', () => {
    const { index } = mergeLegs([legOf('linux/arm64', 1), legOf('linux/amd64', 2)]);
    expect(index.manifests.map(({ platform }) => platform?.architecture)).toEqual([
      'amd64',
      'unknown',
      'unknown',
      'arm64',
      'unknown',
    ]);
    expect(index.manifests[1]?.annotations).toEqual({
      'vnd.docker.reference.digest': index.manifests[0]?.digest,
      'vnd.docker.reference.type': 'attestation-manifest',
    });
  });

  test('refuses two manifests for one platform, and names it', () => {
    const twin = {
      ...legOf('linux/arm64'),
      manifest: { ...manifestOf('other'), platform: parsePlatform('linux/arm64/v8') },
    };
    expect(() => mergeLegs([legOf('linux/arm64'), twin])).toThrow(/two manifests for linux\/arm64/);
  });

  test('refuses an attestation that speaks of another manifest', () => {
    const [stray] = legOf('linux/amd64', 1).attestations;
    if (stray === undefined) throw new Error('no attestation');
    expect(() => mergeLegs([{ ...legOf('linux/arm64'), attestations: [stray] }])).toThrow(/does not speak of/);
  });

  test('is read back as the legs that it was made of', () => {
    const legs = [legOf('linux/arm64', 2), legOf('linux/amd64', 1)];
    const { bytes, descriptor } = mergeLegs(legs, { b: '2', a: '1' });
    const index = parseManifest(bytes, descriptor.mediaType);
    if (index.kind !== 'index') throw new Error('no index');
    expect(index.annotations).toEqual({ a: '1', b: '2' });
    expect(
      legsOf(index).map(({ manifest, attestations }) => [formatPlatform(manifest.platform), attestations.length]),
    ).toEqual([
      ['linux/amd64', 1],
      ['linux/arm64', 2],
    ]);
  });
});
