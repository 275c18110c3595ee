import fc from 'fast-check';
import { describe, test } from 'vitest';
import { stringify } from 'yaml';
import type { SourceReader } from '../source/project/source-reader.ts';
import { importFamily } from './import.ts';
import { optionsToYaml } from './import-options.ts';

const file = '/family/fanfold.yaml';

function reader(matrix: string): SourceReader {
  return { readText: async () => matrix, printBake: async () => matrix };
}

const mapping = `      image: x
      suffix: "{suffix}"
      platforms: "{platforms}"
      dockerfile: "{dockerfile|Dockerfile}"
      runner: "{runner?}"
      args: { A: "{a?}", B: "{b?}", C: "{c?}" }
`;
const config = `# our family
destinations: [ghcr.io/acme] # where
tags: type=raw,value=1
sources:
  - matrix: m.yml
    each:
${mapping}`;

describe('an import', () => {
  test('is compact, keeps what stood at the top, and comments with their entries', async ({ expect }) => {
    const entry = (name: string, more = ''): string =>
      `  - suffix: -cuda-${name}\n    platforms: linux/amd64\n${more}    dockerfile: Dockerfile.cuda\n    a: ${name}\n    b: "12"\n`;
    const matrix = `include:\n  # all of CUDA\n${entry('one')}${entry('two', '    # because\n')}${entry('three')}  - suffix: -cpu\n    platforms: linux/arm64\n    b: "12"\n`;
    const { text, legs, targets, differences } = await importFamily(config, file, reader(matrix));
    expect({ legs, targets, differences }).toEqual({ legs: 4, targets: 4, differences: [] });
    expect(text).toBe(`# our family
destinations: [ ghcr.io/acme ] # where
tags: type=raw,value=1
args: { B: "12" }
platforms: [ linux/amd64 ]
targets:
  x-cuda:
    matrix:
      a:
        # all of CUDA
        - one
        # because
        - two
        - three
    name: x-cuda-\${a}
    image: x
    dockerfile: Dockerfile.cuda
    args: { A: "\${a}" }
    flavor: [ "suffix=-cuda-\${a},onlatest=true" ]
  x-cpu:
    image: x
    dockerfile: Dockerfile
    flavor: [ "suffix=-cpu,onlatest=true" ]
    platforms: [ linux/arm64 ]
`);
  });

  test('leaves targets that are written as they are', async ({ expect }) => {
    const written = 'targets:\n  own: { platforms: [linux/s390x] } # mine\n';
    const matrix =
      'include:\n  - { suffix: -a, platforms: linux/amd64, b: 1 }\n  - { suffix: -b, platforms: linux/amd64, b: 1 }\n';
    const { text, legs, differences } = await importFamily(config + written, file, reader(matrix));
    expect([legs, differences]).toEqual([3, []]);
    expect(text).toContain('own: { platforms: [ linux/s390x ] } # mine');
    expect(text).not.toMatch(/^(?:args|platforms):/m);
  });

  test('of a random family has equal legs', async () => {
    // Values that look like templates, variables, YAML and parts of each other.
    const value = fc.constantFrom(
      '',
      'a',
      'ab',
      'a-b',
      '${x}',
      '$${a}',
      '12',
      '1.10',
      'true',
      'null',
      '# c',
      'é "q"',
      ' s ',
    );
    const entry = fc.record(
      {
        a: value,
        b: value,
        c: value,
        runner: fc.constantFrom('r1', 'r2'),
        dockerfile: fc.constantFrom('Dockerfile', 'b/Dockerfile', 'Dockerfile.${x}'),
        platforms: fc.constantFrom('linux/amd64', 'linux/arm64', 'linux/amd64,linux/arm64'),
      },
      { requiredKeys: ['platforms', 'a'] },
    );
    const entries = fc.array(entry, { minLength: 1, maxLength: 14 });
    const names = fc.constantFrom('-v', '-cuda-12', '-a-b', '');
    await fc.assert(
      fc.asyncProperty(entries, names, fc.boolean(), async (list, prefix, pairs) => {
        const include = list.flatMap((one, place) => {
          const named = { ...one, suffix: `${prefix}-${place}-${one.a.replace(/[^a-z]/g, '')}x` };
          if (!pairs || one.platforms.includes(',')) return [named];
          const other = one.platforms === 'linux/amd64' ? 'linux/s390x' : 'linux/amd64';
          return [named, { ...named, platforms: other, c: 'other', runner: 'r3' }];
        });
        const { differences } = await importFamily(config, file, reader(stringify({ include })));
        if (differences.length > 0) throw new Error(JSON.stringify(differences[0]));
      }),
      { numRuns: 150 },
    );
  });
});

describe('options', () => {
  const none = {
    matrix: undefined,
    list: undefined,
    map: [],
    bake: undefined,
    compose: undefined,
    destination: [],
    platforms: [],
    tags: [],
  };

  test('become the fanfold.yaml that reads the file', ({ expect }) => {
    expect(optionsToYaml(none)).toBeUndefined();
    const map = ['image=x', 'args.A={a}', 'args.B=c=d', 'platforms={p}'];
    expect(optionsToYaml({ ...none, matrix: 'm.yml', map, destination: ['ghcr.io/acme'] })).toBe(`destinations:
  - ghcr.io/acme
sources:
  - matrix: m.yml
    list: include
    each:
      image: x
      platforms: "{p}"
      args:
        A: "{a}"
        B: c=d
`);
    expect(optionsToYaml({ ...none, bake: 'b.hcl' })).toBe('sources:\n  - bake: b.hcl\n');
  });

  test.for([
    { name: 'two files', options: { matrix: 'a', bake: 'b' } },
    { name: 'a mapping without a file', options: { map: ['a=b'] } },
    { name: 'a mapping without a template', options: { matrix: 'a', map: ['image'] } },
  ])('$name is refused', ({ options }, { expect }) => {
    expect(() => optionsToYaml({ ...none, ...options })).toThrow(expect.objectContaining({ code: 'usage.invalid' }));
  });
});
