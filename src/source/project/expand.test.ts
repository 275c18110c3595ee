import { describe, test } from 'vitest';
import { formatPlatform } from '../../content/oci/platform.ts';
import { parseFamily } from './load.ts';

const file = '/family/fanfold.yaml';
const head = 'destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\n';

function family(text: string) {
  const { family: read, diagnostics } = parseFamily(head + text, file);
  if (read === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return read;
}

function mistakes(text: string): readonly string[] {
  const { diagnostics } = parseFamily(head + text, file);
  return diagnostics.map(({ place, message, hint }) => `${place.line}:${place.column} ${message} (${hint ?? ''})`);
}

describe('matrix', () => {
  test('one target for each combination, the first name outermost', ({ expect }) => {
    const { targets } = family(
      `targets:
  tool:
    name: tool-\${os}-\${v.name}
    matrix: { os: [debian, alpine], v: [{ name: one, number: 1.10 }, { name: two, number: 2 }] }
    dockerfile: "\${os}.Dockerfile"
    args: { V: "\${v.number}", KEEP: "$\${os}" }
    tags: ["type=raw,value=\${v.name}"]
`,
    );
    const shown = targets.map(({ name, dockerfile, args, tags }) =>
      [name, dockerfile, args['V'], args['KEEP'], tags.rules[0]?.text].join(' '),
    );
    expect(shown).toEqual([
      `tool-debian-one debian.Dockerfile 1.10 \${os} type=raw,value=one`,
      `tool-debian-two debian.Dockerfile 2 \${os} type=raw,value=two`,
      `tool-alpine-one alpine.Dockerfile 1.10 \${os} type=raw,value=one`,
      `tool-alpine-two alpine.Dockerfile 2 \${os} type=raw,value=two`,
    ]);
  });

  test('a target without one keeps its texts', ({ expect }) => {
    const { targets } = family(`targets: { a: { args: { HOME: "\${HOME}" } } }\n`);
    expect(targets[0]?.args).toEqual({ HOME: `\${HOME}` });
  });

  test('a matrix may build on another one', ({ expect }) => {
    const { targets } = family(`targets:
  base: { name: "base-\${os}", matrix: { os: [a, b] } }
  app: { name: "app-\${os}", matrix: { os: [a, b] }, contexts: { base: "target:base-\${os}" } }
`);
    expect(targets.map(({ contexts }) => contexts['base'])).toEqual([
      undefined,
      undefined,
      { kind: 'target', target: 'base-a' },
      { kind: 'target', target: 'base-b' },
    ]);
  });

  test.for([
    {
      name: 'no name',
      text: 'targets:\n  a: { matrix: { os: [x] } }\n',
      want: `4:3 a target with a matrix needs a name (write name: a-\${os})`,
    },
    {
      name: 'a name alone',
      text: 'targets:\n  a: { name: x }\n',
      want: '4:8 name goes with a matrix (name the target by its key, or give it a matrix)',
    },
    {
      name: 'an unknown name',
      text: `targets:\n  a: { matrix: { os: [x] }, name: "a-\${so}" }\n`,
      want: `4:35 the matrix has no "so" (did you mean os? ($$ before the brace keeps it as it is))`,
    },
    {
      name: 'an unknown name in a field',
      text: `targets:\n  a: { matrix: { os: [x] }, name: "a-\${os}", args: { A: "\${sos}" } }\n`,
      want: `4:57 the matrix has no "sos" (did you mean os? ($$ before the brace keeps it as it is))`,
    },
    {
      name: 'the same name twice',
      text: 'targets:\n  a: { matrix: { os: [x, y] }, name: same }\n',
      want: '4:38 two targets are called "same" (the first is in line 4: give one another name)',
    },
    {
      name: 'the name of another target',
      text: `targets:\n  a-x: {}\n  a: { matrix: { os: [x] }, name: "a-\${os}" }\n`,
      want: '5:35 two targets are called "a-x" (the first is in line 4: give one another name)',
    },
    {
      name: 'a name that is none',
      text: `targets:\n  a: { matrix: { os: ["x y"] }, name: "a-\${os}" }\n`,
      want: `4:39 "a-x y" cannot be a target's name (a target is named with letters, digits, _, . and -, at most 128)`,
    },
    {
      name: 'no values',
      text: `targets:\n  a: { matrix: { os: [] }, name: "a-\${os}" }\n`,
      want: '4:22 name at least one value ()',
    },
    {
      name: 'too many',
      text: `targets:\n  a:\n    name: a\n    matrix: { ${[...'abcde'].map((name) => `${name}: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]`).join(', ')} }\n`,
      want: '6:5 the matrix makes more than 10000 targets ()',
    },
  ])('$name', ({ text, want }, { expect }) => expect(mistakes(text)).toEqual([want]));
});

describe('inherits', () => {
  test('the target wins over what it inherits, a later one over an earlier one, all over the top', ({ expect }) => {
    const { targets } = family(`args: { A: top, B: top, C: top, D: top }
labels: { from: top }
targets:
  _one: { args: { B: one, C: one, D: one }, context: one, secret: [id=one], attestations: { sbom: true } }
  _two: { inherits: [_one], args: { C: two, D: two }, platforms: [linux/arm64] }
  app: { inherits: [_one, _two], args: { D: app }, secret: [id=app], attestations: { provenance: min } }
`);
    expect(targets.map(({ name }) => name)).toEqual(['app']);
    expect(targets[0]).toMatchObject({
      args: { A: 'top', B: 'one', C: 'two', D: 'app' },
      labels: { from: 'top' },
      context: 'one',
      secret: ['id=app'],
      attestations: { provenance: 'min', sbom: true },
    });
    expect(targets[0]?.platforms.map(formatPlatform)).toEqual(['linux/arm64']);
  });

  test('a mistake in what is inherited stands there, once', ({ expect }) => {
    expect(
      mistakes(
        'targets:\n  _base: { platforms: [linux/amd46] }\n  a: { inherits: [_base] }\n  b: { inherits: [_base] }\n',
      ),
    ).toEqual(['4:24 "linux/amd46" is not a platform that is known (did you mean linux/amd64?)']);
  });

  test.for([
    {
      name: 'a circle',
      text: 'targets:\n  a: { inherits: [b] }\n  b: { inherits: [c] }\n  c: { inherits: [a] }\n',
      want: ['6:19 targets inherit in a circle: a → b → c → a (take one of them out)'],
    },
    {
      name: 'itself',
      text: 'targets:\n  a: { inherits: [a] }\n',
      want: ['4:19 targets inherit in a circle: a → a (take one of them out)'],
    },
    {
      name: 'a target that there is not',
      text: 'targets:\n  api: {}\n  b: { inherits: [appi] }\n',
      want: ['5:19 there is no target "appi" to inherit from (did you mean api?)'],
    },
    {
      name: 'a matrix',
      text: `targets:\n  m: { matrix: { x: [a] }, name: "m-\${x}" }\n  b: { inherits: [m] }\n`,
      want: ['5:19 there is no target "m" to inherit from (it has a matrix: name one of the targets that it makes)'],
    },
  ])('$name', ({ text, want }, { expect }) => expect(mistakes(text)).toEqual(want));

  test('of a matrix’s own targets', ({ expect }) => {
    const { targets } = family(
      `targets:\n  m: { matrix: { x: [a] }, name: "m-\${x}", args: { X: "\${x}" } }\n  b: { inherits: [m-a] }\n`,
    );
    expect(targets.map(({ args }) => args)).toEqual([{ X: 'a' }, { X: 'a' }]);
  });
});

describe('targets that are built on others', () => {
  test.for([
    {
      name: 'a chain',
      text: 'targets:\n  a: { contexts: { x: "target:b" } }\n  b: { contexts: { x: "target:c" } }\n  c: {}\n',
      want: [],
    },
    {
      name: 'a diamond',
      text: 'targets:\n  a: { contexts: { x: "target:b", y: "target:c" } }\n  b: { contexts: { x: "target:d" } }\n  c: { contexts: { x: "target:d" } }\n  d: {}\n',
      want: [],
    },
    {
      name: 'a circle',
      text: 'targets:\n  a: { contexts: { x: "target:b" } }\n  b: { contexts: { x: "target:c" } }\n  c: { contexts: { x: "target:b" } }\n',
      want: ['6:23 targets are built on one another in a circle: b → c → b (take one of them out)'],
    },
    {
      name: 'a target that there is not',
      text: 'targets:\n  base: {}\n  b: { contexts: { x: "target:bsae" } }\n',
      want: ['5:23 there is no target "bsae" (did you mean base?)'],
    },
    {
      name: 'one that is only inherited from',
      text: 'targets:\n  _base: {}\n  b: { contexts: { x: "target:_base" } }\n',
      want: ['5:23 there is no target "_base" (a target whose name begins with _ is not built: name one that is)'],
    },
    {
      name: 'one that lacks a platform',
      text: 'targets:\n  a: {}\n  b: { platforms: [linux/amd64, linux/arm64], contexts: { x: "target:a" } }\n',
      want: ['5:62 b is built for linux/arm64 on a, which is not built for it (add linux/arm64 to the platforms of a)'],
    },
  ])('$name', ({ text, want }, { expect }) => expect(mistakes(text)).toEqual(want));
});
