import fc from 'fast-check';
import { describe, test } from 'vitest';
import { formatPlatform, parsePlatform } from '../../content/oci/platform.ts';
import {
  bundleTag,
  cacheTag,
  failureTag,
  fullBuildTag,
  keepTag,
  keyTag,
  lastBuildTag,
  legFileName,
  legName,
  recordTag,
  testTag,
} from './names.ts';

describe('a leg’s file name', () => {
  test.for([
    { target: 'api', platform: 'linux/amd64', want: 'api__linux__amd64' },
    { target: 'api', platform: 'linux/arm/v7', want: 'api__linux__arm__v7' },
    { target: 'api-linux', platform: 'linux/arm64', want: 'api-linux__linux__arm64' },
    { target: 'my_app', platform: 'linux/amd64', want: 'my_5fapp__linux__amd64' },
    { target: 'API.v1', platform: 'linux/amd64', want: '_41_50_49.v1__linux__amd64' },
    { target: '-cuda-12-vllm', platform: 'linux/amd64', want: '_2dcuda-12-vllm__linux__amd64' },
    { target: '-cuda-12-vllm-omni', platform: 'linux/amd64', want: '_2dcuda-12-vllm-omni__linux__amd64' },
    { target: '', platform: 'linux/amd64', want: '__linux__amd64' },
    { target: 'grün', platform: 'linux/amd64', want: 'gr_c3_bcn__linux__amd64' },
  ])('$target on $platform', ({ target, platform, want }, { expect }) => {
    expect(legFileName(target, parsePlatform(platform))).toBe(want);
  });
});

describe('two legs', () => {
  // Names made of what the encoding itself uses, so that what could be confused comes up.
  const name = fc
    .array(fc.constantFrom('_', '__', '-', '.', '/', 'x', '5f', '_x', 'A', 'a', 'linux', 'arm', 'v7', 'ü', '@'), {
      maxLength: 8,
    })
    .map((parts) => parts.join(''));
  const word = fc
    .array(fc.constantFrom('_', '-', '.', 'linux', 'arm', 'v7', 'x'), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(''));
  const platform = fc.record({ os: word, architecture: word, variant: word }, { requiredKeys: ['os', 'architecture'] });
  const leg = fc.record({
    target: fc.oneof(
      name,
      name.map((text) => text.repeat(20)),
    ),
    platform,
  });

  test('never share a file name, nor one that differs in case alone; every name can be a file, an artifact and a tag', ({
    expect,
  }) => {
    fc.assert(
      fc.property(leg, leg, (a, b) => {
        const [left, right] = [legFileName(a.target, a.platform), legFileName(b.target, b.platform)];
        expect(left.toLowerCase() === right.toLowerCase()).toBe(
          JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)),
        );
        expect(left).toMatch(/^[a-z0-9_][a-z0-9_.-]{0,127}$/);
      }),
      { numRuns: 5000 },
    );
  });

  test('never share a name for people', ({ expect }) => {
    const target = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,9}$/);
    const plain = fc.constantFrom('linux/amd64', 'linux/arm/v6', 'linux/arm/v7', 'windows/arm64').map(parsePlatform);
    fc.assert(
      fc.property(target, plain, target, plain, (a, on, b, other) => {
        expect(legName(a, on) === legName(b, other)).toBe(a === b && formatPlatform(on) === formatPlatform(other));
      }),
    );
  });
});

describe('tags in staging', () => {
  const hex = 'ab'.repeat(32);
  test('tell keys, records, kept manifests and failures of one hash apart', ({ expect }) => {
    const digest = `sha256:${hex}`;
    const tags = [keyTag(hex), recordTag(digest), keepTag(digest), failureTag(hex), bundleTag];
    expect(tags).toEqual([`k1-${hex}`, `r1-${hex}`, `m1-${hex}`, `f1-${hex}`, 'b1-ledger']);
  });

  test('of last builds are told apart by leg and image', ({ expect }) => {
    const word = fc.constantFrom('a', 'b', '"', ',', '","', '');
    fc.assert(
      fc.property(word, word, word, word, (leg, image, other, otherImage) => {
        expect(lastBuildTag(leg, image) === lastBuildTag(other, otherImage)).toBe(
          leg === other && image === otherImage,
        );
        expect(lastBuildTag(leg, image)).toMatch(/^l1-[0-9a-f]{64}$/);
      }),
    );
  });

  test('of tests are told apart by key, leg and commands, whatever stands in them', ({ expect }) => {
    const word = fc.constantFrom('a', 'b', '"', ',', '[', '],["', '');
    const asked = fc.tuple(word, word, fc.array(fc.array(word, { maxLength: 3 }), { maxLength: 3 }));
    fc.assert(
      fc.property(asked, asked, (one, other) => {
        expect(testTag(...one) === testTag(...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
        expect(testTag(...one)).toMatch(/^p1-[0-9a-f]{64}$/);
      }),
    );
  });

  test('of caches are told apart by target, platform, image and what no builder sees', ({ expect }) => {
    const word = fc.constantFrom('tool', 'tool-max', '-max', '"', ',', '","', '');
    const platform = fc.constantFrom('linux/amd64', 'linux/arm64', 'linux/arm/v6', 'linux/arm/v7').map(parsePlatform);
    const owner = fc.record({ target: word, platform, image: word, unseen: word });
    fc.assert(
      fc.property(owner, owner, (one, other) => {
        expect(cacheTag(one) === cacheTag(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
        expect(cacheTag(one)).toMatch(/^x1-[0-9a-f]{64}$/);
        // How long a leg takes is its own, whatever its cache may hold.
        expect(fullBuildTag(one)).toBe(fullBuildTag({ ...one, unseen: other.unseen }));
        expect(fullBuildTag(one)).toMatch(/^y1-[0-9a-f]{64}$/);
      }),
    );
  });

  test.for([{ given: '' }, { given: 'AB'.repeat(32) }, { given: `${hex}0` }, { given: `sha512:${hex}${hex}` }])(
    'of $given there is none',
    ({ given }, { expect }) => {
      expect(() => keyTag(given)).toThrow('is not a SHA-256');
      expect(() => recordTag(given)).toThrow('is not a SHA-256');
      expect(() => failureTag(given)).toThrow('is not a SHA-256');
    },
  );
});

function sorted({
  target,
  platform: { os, architecture, variant },
}: {
  target: string;
  platform: { os: string; architecture: string; variant?: string };
}): unknown {
  return [target, os, architecture, variant ?? null];
}
