// Hazard 9: names never collide, however targets' names nest.
//
// Elsewhere: legs hand their digests over in artifacts named by joining words, and a merge collects them by a pattern. The suffix
// `-cuda-12-vllm` begins `-cuda-12-vllm-omni`, an empty suffix begins every one: a merge takes another image's digests, or two images
// get one tag, and whichever comes last has it.

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { formatPlatform, type Platform, parsePlatform } from '../../src/content/oci/platform.ts';
import { formatLocation } from '../../src/content/oci/reference.ts';
import { tagCollisions } from '../../src/source/project/collisions.ts';
import { legsOf } from '../../src/source/project/legs.ts';
import { parseFamily } from '../../src/source/project/load.ts';
import type { Family } from '../../src/source/project/model.ts';
import { keyTag, legFileName, recordTag } from '../../src/source/project/names.ts';
import { resolveTags } from '../../src/source/tags/resolve.ts';
import { gitEvent } from '../support/git-events.ts';

const suffixes = ['', '-cuda-12', '-cuda-12-vllm', '-cuda-12-vllm-omni', '-cuda', '-vllm', '-omni', '-12-vllm'];
const platforms = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'].map(parsePlatform);

/** The joined name that workflows write by hand. */
function joined(target: string, platform: Platform): string {
  return `digests-${target}-${formatPlatform(platform).replaceAll('/', '-')}`;
}

describe('the failure', () => {
  test('a pattern for one image takes another one’s digests', ({ expect }) => {
    const names = suffixes.flatMap((suffix) => platforms.map((platform) => joined(`engine${suffix}`, platform)));
    expect(names.filter((name) => name.startsWith('digests-engine-cuda-12-vllm'))).toHaveLength(2 * platforms.length);
  });

  test('two legs have one name', ({ expect }) => {
    const [arm, plain] = [parsePlatform('linux/arm/v7'), { os: 'arm', architecture: 'v7' }];
    expect(joined('engine', arm)).toBe(joined('engine-linux', plain));
  });
});

describe('files, artifacts and caches', () => {
  test('what begins with a target’s name is that target’s', ({ expect }) => {
    const targets = suffixes.flatMap((suffix) => [suffix, `engine${suffix}`, `engine_${suffix}`]);
    const names = targets.map((target) => platforms.map((platform) => legFileName(target, platform)));
    for (const [index, own] of names.entries()) {
      const mark = own[0]?.slice(0, own[0].indexOf('__linux') + 2) ?? '';
      expect(names.flat().filter((name) => name.startsWith(mark))).toEqual(names[index]);
    }
    expect(new Set(names.flat()).size).toBe(targets.length * platforms.length);
  });

  test('two legs never share one, on file systems that do not tell the cases apart either', ({ expect }) => {
    // The same words, parted in two ways: what one joined name could have come from.
    const words = fc.array(fc.constantFrom('cuda', '12', 'vllm', 'linux', 'arm', 'V7', 'v7', '5f', '_', '-', ''), {
      minLength: 4,
      maxLength: 7,
    });
    const parted = fc.record({
      words,
      between: fc.constantFrom('-', '_', '__', '.', ''),
      places: fc.array(fc.nat(7), { minLength: 4, maxLength: 4 }),
    });
    fc.assert(
      fc.property(parted, fc.boolean(), ({ words, between, places: [a = 0, b = 0, c = 0, d = 0] }, upper) => {
        const one = part(words, between, a, b);
        const other = part(upper ? words.map((word) => word.toUpperCase()) : words, between, c, d);
        const [left, right] = [one, other].map(([target, os, architecture]) =>
          legFileName(target, { os, architecture }),
        );
        expect(left?.toLowerCase() === right?.toLowerCase()).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 5000 },
    );
  });
});

describe('tags', () => {
  const text = `destinations: [ghcr.io/acme, oci:out]
platforms: [linux/amd64, linux/arm/v7]
tags: |
  type=ref,event=branch
  type=ref,event=pr
  type=semver,pattern={{version}}
  type=semver,pattern={{major}}.{{minor}}
targets:
  engine:
    name: engine\${suffix}
    matrix: { suffix: [${suffixes.map((suffix) => JSON.stringify(suffix)).join(', ')}] }
    image: engines
    flavor: suffix=\${suffix},onlatest=true
  tools: {}
`;
  const family = load(text);

  test.for(['branch-main', 'branch-with-slash', 'pull-request', 'tag-v1.4.2', 'tag-v2.0.0-rc.1', 'schedule'])(
    'one image, nested suffixes: each tag is one target’s (%s)',
    async (name, { expect }) => {
      const event = await gitEvent(name);
      const references = referencesOf(family, (target) => resolveTags(target.tags, event).map((tag) => tag.name));
      expect(references.length).toBeGreaterThanOrEqual(2 * suffixes.length);
      expect(new Set(references).size).toBe(references.length);
      expect(tagCollisions(family.targets, event)).toEqual([]);
    },
  );

  test('legs have names of their own, and staging none that a user pulls', ({ expect }) => {
    const names = legsOf(family).map(({ name }) => name);
    expect(new Set(names).size).toBe(2 * (suffixes.length + 1));
    const destinations = family.targets.flatMap((target) =>
      target.destinations.map(({ location }) => formatLocation(location)),
    );
    expect(destinations).not.toContain(formatLocation(family.targets[0]?.staging ?? { kind: 'layout', path: '' }));
  });

  test('keys and records have tags of their own', ({ expect }) => {
    const hex = fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: 64, maxLength: 64 })
      .map((digits) => digits.join(''));
    fc.assert(
      fc.property(hex, hex, (a, b) => {
        expect(keyTag(a) === keyTag(b)).toBe(a === b);
        expect(keyTag(a)).not.toBe(recordTag(`sha256:${a}`));
      }),
    );
  });
});

describe('what would collide is refused before anything starts', () => {
  const head = 'platforms: [linux/amd64]\ndestinations: [ghcr.io/acme]\n';
  test.for([
    { name: 'two targets with one image', text: 'targets: { a: {}, b: { image: a } }' },
    {
      name: 'two suffixes that leave latest alone',
      text: 'targets: { a: { flavor: suffix=-x }, b: { image: a, flavor: suffix=-x-y } }',
    },
    { name: 'an image that is another one’s staging', text: 'targets: { a: {}, a-staging: {} }' },
    {
      name: 'two combinations of a matrix',
      text: `targets: { a: { matrix: { x: [p, p-q], y: [q-r, r] }, name: "\${x}-\${y}" } }`,
    },
  ])('$name', ({ text }, { expect }) => {
    const { family, diagnostics } = parseFamily(head + text, '/family/fanfold.yaml');
    expect(family).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toContain('config.collision');
  });

  test('whatever names a family has, it is refused or none of its tags is given twice', async ({ expect }) => {
    const events = await Promise.all(['branch-main', 'tag-v1.4.2', 'pull-request'].map(gitEvent));
    const word = fc
      .array(fc.constantFrom('a', 'b', '-a', '-b', '-staging', '.x'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(''));
    const target = fc.record({ image: word, suffix: fc.option(word, { nil: undefined }), onlatest: fc.boolean() });
    const families = fc.dictionary(
      word.filter((name) => /^[ab]/.test(name)),
      target,
      { minKeys: 2, maxKeys: 6 },
    );
    fc.assert(
      fc.property(families, (targets) => {
        const written = Object.entries(targets).map(([name, { image, suffix, onlatest }]) => {
          const flavor = suffix === undefined ? '' : `, flavor: "suffix=${suffix},onlatest=${onlatest}"`;
          return `  ${name}: { image: "${image}"${flavor} }\n`;
        });
        const { family: read } = parseFamily(`${head}targets:\n${written.join('')}`, '/family/fanfold.yaml');
        if (read === undefined) return;
        for (const event of events) {
          const references = referencesOf(read, ({ tags }) => resolveTags(tags, event).map(({ name }) => name));
          expect(new Set(references).size).toBe(references.length);
        }
        const stagings = read.targets.map(({ staging }) => formatLocation(staging));
        const published = read.targets.flatMap(({ destinations }) =>
          destinations.map(({ location }) => formatLocation(location)),
        );
        expect(published.filter((name) => stagings.includes(name))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});

function part(words: readonly string[], between: string, a: number, b: number): readonly [string, string, string] {
  const [first, second] = [Math.min(a, b), Math.max(a, b)];
  return [
    words.slice(0, first).join(between),
    words.slice(first, second).join(between),
    words.slice(second).join(between),
  ];
}

function load(text: string): Family {
  const { family, diagnostics } = parseFamily(text, '/family/fanfold.yaml');
  if (family === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return family;
}

function referencesOf(
  family: Family,
  tags: (target: Family['targets'][number]) => readonly string[],
): readonly string[] {
  return family.targets.flatMap((target) =>
    target.destinations.flatMap(({ location }) => tags(target).map((tag) => `${formatLocation(location)}:${tag}`)),
  );
}
