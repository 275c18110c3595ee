import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { systemFiles } from '../../base/host/files.ts';
import { legsOf } from './legs.ts';
import { loadFamily, parseFamily } from './load.ts';

const file = '/family/fanfold.yaml';
const head = 'destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\n';

/** `line:column code` of each mistake. */
function mistakes(text: string): readonly string[] {
  return parseFamily(text, file).diagnostics.map(({ place, code }) => `${place.line}:${place.column} ${code}`);
}

test('the disk that a leg needs: by default, by inheritance, by platform, by value of a matrix', ({ expect }) => {
  const { family, diagnostics } = parseFamily(
    `${head}disk: 5GB
targets:
  _big: { disk: 40GB }
  plain: {}
  big: { inherits: [_big], platforms: [linux/amd64, linux/arm64], per-platform: { linux/arm64: { disk: 20GiB } } }
  many: { matrix: { flavor: [{ name: small, disk: 8GB }, { name: large, disk: 1.5TB }] }, name: "many-\${flavor.name}", disk: "\${flavor.disk}" }
`,
    file,
  );
  expect(diagnostics).toEqual([]);
  const legs = legsOf({ targets: family?.targets ?? [] }).map(({ name, target }) => [name, target.diskBytes]);
  expect(Object.fromEntries(legs)).toEqual({
    'plain@linux/amd64': 5e9,
    'big@linux/amd64': 40e9,
    'big@linux/arm64': 20 * 1024 ** 3,
    'many-small@linux/amd64': 8e9,
    'many-large@linux/amd64': 1.5e12,
  });
});

test('a disk is a number with its unit', ({ expect }) => {
  expect(mistakes(`${head}targets:\n  api: { disk: 30 }\n`)).toEqual(['4:16 config.invalid']);
  expect(mistakes(`${head}targets:\n  api: { disk: lots }\n`)).toEqual(['4:16 config.invalid']);
  const matrix = 'matrix: { of: [{ n: a, disk: lots }] }, name: "api-${of.n}", disk: "${of.disk}"';
  expect(mistakes(`${head}targets:\n  api: { ${matrix} }\n`)).toEqual(['4:77 config.invalid']);
});

test.for([
  { written: 'busybox', name: 'busybox' },
  { written: 'busybox:latest', name: 'busybox' },
  { written: 'docker.io/library/busybox:latest', name: 'busybox' },
  { written: 'index.docker.io/acme/tools', name: 'acme/tools' },
  { written: 'ghcr.io/acme/tools:1', name: 'ghcr.io/acme/tools:1' },
  { written: 'base', name: 'base' },
])('the context $written stands in for $name, as with Buildx', ({ written, name }, { expect }) => {
  const { family } = parseFamily(`${head}targets:\n  api: { contexts: { "${written}": src } }\n`, file);
  expect(family?.targets[0]?.contexts).toEqual({ [name]: { kind: 'folder', path: 'src' } });
});

test('two contexts of one name are a mistake at the second', ({ expect }) => {
  const contexts = '{ busybox: one, "docker.io/library/busybox:latest": two }';
  expect(mistakes(`${head}targets:\n  api: { contexts: ${contexts} }\n`)).toEqual(['4:72 config.invalid']);
});

test('the family of the design’s own example', ({ expect }) => {
  const { family, diagnostics } = parseFamily(
    `destinations: [ghcr.io/acme, docker.io/acme]      # each target's name is added; staging has its default
platforms: [linux/amd64, linux/arm64]
tags: |
  type=ref,event=branch
  type=semver,pattern={{version}}
targets:
  api: { context: api }
  worker: { dockerfile: worker/Dockerfile, args: { FLAVOR: slim } }
`,
    file,
  );
  expect(diagnostics).toEqual([]);
  const rule = { enable: 'true' };
  const shared = {
    platforms: [
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ],
    tags: {
      rules: [
        {
          type: 'semver',
          attributes: { ...rule, priority: '900', pattern: '{{version}}', value: '', match: '' },
          text: 'type=semver,pattern={{version}}',
          ...{ line: 2, column: 1 },
        },
        {
          type: 'ref',
          attributes: { ...rule, priority: '600', event: 'branch' },
          text: 'type=ref,event=branch',
          ...{ line: 1, column: 1 },
        },
      ],
      flavor: { latest: 'auto', prefix: '', prefixLatest: false, suffix: '', suffixLatest: false },
    },
    ...{ labels: {}, annotations: {}, contexts: {}, secret: [], ssh: [], cacheFrom: [], cacheTo: [] },
    ...{ volatile: [], generated: [], bases: 'resolve', attestations: { provenance: 'max', sbom: false } },
  };
  const at = (host: string, repository: string) => ({ kind: 'registry', host, repository });
  const destinations = (name: string) => [
    { location: at('ghcr.io', `acme/${name}`), required: true },
    { location: at('docker.io', `acme/${name}`), required: true },
  ];
  expect(family).toEqual({
    file,
    root: '/family',
    targets: [
      {
        name: 'api',
        place: { file, line: 7, column: 3, target: 'api' },
        context: 'api',
        dockerfile: 'api/Dockerfile',
        args: {},
        destinations: destinations('api'),
        staging: at('ghcr.io', 'acme/api-staging'),
        ...shared,
      },
      {
        name: 'worker',
        place: { file, line: 8, column: 3, target: 'worker' },
        context: '',
        dockerfile: 'worker/Dockerfile',
        args: { FLAVOR: 'slim' },
        destinations: destinations('worker'),
        staging: at('ghcr.io', 'acme/worker-staging'),
        ...shared,
      },
    ],
  });
});

test('every field', ({ expect }) => {
  const { family, diagnostics } = parseFamily(
    `destinations: [{ to: oci:out/images, required: false }, "registry.example:5000/team/"]
staging: oci:/var/staging
platforms: [linux/arm64/v8, linux/arm, linux/x86_64]
builder: { buildx: { builder: farm } }
attestations: { provenance: min }
bases: pinned
args: { A: 1.10, B: yes, C: 0x10, D: true, E: "", F: 2026-01-01 }
labels: { org.opencontainers.image.title: Lantern }
volatile: [A]
generated: { paths: [bin], run: [npm, run, fetch], lock: [package-lock.json] }
flavor: latest=false
targets:
  api:
    context: ./services//api/
    dockerfile: docker/api.Dockerfile
    target: run
    image: lantern/api
    args: { B: no }
    contexts:
      src: shared/..//lib/
      os: docker-image://debian:13
      made: oci-layout://out/made
      tool: https://github.com/acme/tool.git#v1
    annotations: { note: 7 }
    attestations: { sbom: example.com/scanner:1 }
    secret: ["id=token,env=TOKEN"]
    ssh: [default]
    network: none
    cache-from: ["type=registry,ref=ghcr.io/acme/cache"]
    cache-to: ["type=inline"]
    builder: { command: [ko, build, "./cmd/api"] }
    generated: []
    bases: ignore
    volatile: []
    tags: [type=sha, stable]
    platforms: [linux/amd64]
    destinations: [ghcr.io/acme]
`,
    file,
  );
  expect(diagnostics).toEqual([]);
  const [target] = family?.targets ?? [];
  expect(target).toMatchObject({
    context: 'services/api',
    dockerfile: 'docker/api.Dockerfile',
    stage: 'run',
    args: { A: '1.10', B: 'no', C: '0x10', D: 'true', E: '', F: '2026-01-01' },
    labels: { 'org.opencontainers.image.title': 'Lantern' },
    annotations: { note: '7' },
    contexts: {
      src: { kind: 'folder', path: 'lib' },
      os: { kind: 'image', reference: 'debian:13' },
      made: { kind: 'layout', reference: 'out/made' },
      tool: { kind: 'git', url: 'https://github.com/acme/tool.git#v1' },
    },
    attestations: { provenance: 'min', sbom: 'example.com/scanner:1' },
    secret: ['id=token,env=TOKEN'],
    ssh: ['default'],
    network: 'none',
    cacheFrom: ['type=registry,ref=ghcr.io/acme/cache'],
    cacheTo: ['type=inline'],
    builder: { kind: 'command', run: ['ko', 'build', './cmd/api'] },
    bases: 'ignore',
    destinations: [{ location: { kind: 'registry', host: 'ghcr.io', repository: 'acme/lantern/api' }, required: true }],
    staging: { kind: 'layout', path: '/var/staging' },
    ...{ volatile: [], generated: [] },
  });
  expect(target?.tags.rules.map(({ text }) => text)).toEqual(['stable', 'type=sha']);
});

test('what stands at the top holds for every target, layouts beside fanfold.yaml', ({ expect }) => {
  const { family } = parseFamily(
    `destinations: [{ to: oci:out/images, required: false }, "registry.example:5000/team/"]
platforms: [linux/arm64/v8, linux/arm, linux/x86_64]
builder: { buildx: { builder: farm } }
generated: { paths: [./bin/], run: [npm, run, fetch], lock: [package-lock.json] }
targets: { api: {} }
`,
    file,
  );
  expect(family?.targets[0]).toMatchObject({
    platforms: [
      { os: 'linux', architecture: 'arm64' },
      { os: 'linux', architecture: 'arm', variant: 'v7' },
      { os: 'linux', architecture: 'amd64' },
    ],
    destinations: [
      { location: { kind: 'layout', path: '/family/out/images/api' }, required: false },
      { location: { kind: 'registry', host: 'registry.example:5000', repository: 'team/api' }, required: true },
    ],
    staging: { kind: 'layout', path: '/family/out/images/api-staging' },
    builder: { kind: 'buildx', name: 'farm' },
    generated: [{ paths: ['bin'], run: ['npm', 'run', 'fetch'], lock: ['package-lock.json'] }],
  });
});

describe('ten mistakes in one file are told in one go', () => {
  const text = `destinatoins: [ghcr.io/acme]
platforms: [linux/amd64, linux/amd46]
tags: |
  type=ref,event=branch

  type=semvar,pattern={{version}}
bases: resolved
targets:
  api:
    context: ../outside
    args: [FLAVOR]
    dockerfile: 7
  worker:
    contexts: { base: "target:wrker" }
    inherits: [apy]
    atestations: { sbom: true }
  worker: {}
`;
  test('each at its place, in the order of the file', ({ expect }) => {
    expect(mistakes(text)).toEqual([
      '1:1 config.unknown',
      '2:26 config.invalid',
      '6:8 config.tag-rule',
      '7:8 config.invalid',
      '10:14 config.invalid',
      '11:11 config.invalid',
      '12:17 config.invalid',
      '14:23 config.reference',
      '15:16 config.reference',
      '16:5 config.unknown',
      '17:3 config.yaml',
    ]);
  });

  test('with what was expected and the nearest name', ({ expect }) => {
    const { diagnostics, family } = parseFamily(text, file);
    expect(diagnostics.map(({ message, hint }) => `${message} (${hint ?? ''})`).join('\n')).toBe(
      `"destinatoins" is not a field of fanfold.yaml (did you mean destinations?)
"linux/amd46" is not a platform that is known (did you mean linux/amd64?)
"semvar" is not a type of tag rule (did you mean semver?)
bases cannot be "resolved" (did you mean resolve?)
"../outside" leads out of the folder of fanfold.yaml (paths are relative to the folder of fanfold.yaml and stay inside)
args must be a map, not a list ()
dockerfile must be text, not a number ()
there is no target "wrker" (did you mean worker?)
there is no target "apy" to inherit from (did you mean api?)
"atestations" is not a field of target "worker" (did you mean attestations?)
"worker" is given twice (remove one; the first is in line 13)`,
    );
    expect(diagnostics.every(({ place }) => place.file === file)).toBe(true);
    expect(family).toBeUndefined();
  });
});

describe('a mistake', () => {
  const one = (text: string) => `${head}targets:\n  api: ${text}\n`;
  test.for([
    { name: 'no file at all', text: '', want: ['1:1 config.invalid'] },
    { name: 'a list for the file', text: '- a\n', want: ['1:1 config.invalid'] },
    { name: 'no targets', text: head, want: ['1:1 config.missing'] },
    {
      name: 'no destinations',
      text: 'platforms: [linux/amd64]\ntargets:\n  api: {}\n',
      want: ['3:3 config.missing'],
    },
    {
      name: 'no platforms',
      text: 'destinations: [ghcr.io/acme]\ntargets:\n  api: {}\n',
      want: ['3:3 config.missing'],
    },
    { name: 'an option of a later day', text: one('{ retention: [src] }'), want: ['4:10 config.unknown'] },
    { name: 'nothing for a target', text: one(''), want: ['4:3 config.invalid'] },
    { name: 'a name that is none', text: `${head}targets:\n  "a b": {}\n`, want: ['4:3 config.invalid'] },
    { name: 'a name that no registry takes', text: `${head}targets:\n  API: {}\n`, want: ['4:3 config.invalid'] },
    { name: 'an image that no registry takes', text: one('{ image: API }'), want: ['4:17 config.invalid'] },
    {
      name: 'a platform twice',
      text: one('{ platforms: [linux/arm64, linux/aarch64] }'),
      want: ['4:35 config.invalid'],
    },
    { name: 'a platform of one word', text: one('{ platforms: [linux] }'), want: ['4:22 config.invalid'] },
    {
      name: 'a destination twice',
      text: one('{ destinations: [acme, docker.io/acme] }'),
      want: ['4:31 config.collision'],
    },
    {
      name: 'a destination with a tag',
      text: one('{ destinations: ["ghcr.io/acme:v1"] }'),
      want: ['4:25 config.invalid'],
    },
    {
      name: 'a destination without its place',
      text: one('{ destinations: [{ required: false }] }'),
      want: ['4:25 config.missing'],
    },
    {
      name: 'a destination with a wrong flag',
      text: one('{ destinations: [{ to: acme, required: maybe }] }'),
      want: ['4:47 config.invalid'],
    },
    { name: 'a builder', text: one('{ builder: direkt }'), want: ['4:19 config.invalid'] },
    {
      name: 'a builder’s option',
      text: one('{ builder: { buildx: { name: farm } } }'),
      want: ['4:31 config.unknown'],
    },
    { name: 'a command that is empty', text: one('{ builder: { command: [] } }'), want: ['4:30 config.invalid'] },
    { name: 'provenance', text: one('{ attestations: { provenance: maximum } }'), want: ['4:38 config.invalid'] },
    { name: 'provenance: true', text: one('{ attestations: { provenance: true } }'), want: ['4:38 config.invalid'] },
    { name: 'a network', text: one('{ network: hosts }'), want: ['4:19 config.invalid'] },
    { name: 'a secret without an id', text: one('{ secret: [env=TOKEN] }'), want: ['4:19 config.invalid'] },
    { name: 'an absolute context', text: one('{ context: /srv }'), want: ['4:19 config.invalid'] },
    { name: 'a dockerfile outside', text: one('{ dockerfile: a/../../Dockerfile }'), want: ['4:22 config.invalid'] },
    {
      name: 'a named context of the network',
      text: one('{ contexts: { a: "https://example.com/x.tar" } }'),
      want: ['4:25 config.invalid'],
    },
    { name: 'a named context outside', text: one('{ contexts: { a: .. } }'), want: ['4:25 config.invalid'] },
    {
      name: 'generated files outside',
      text: one('{ generated: [{ paths: [../x], run: [a], lock: [b] }] }'),
      want: ['4:32 config.invalid'],
    },
    {
      name: 'generated files without a lock',
      text: one('{ generated: { paths: [x], run: [a] } }'),
      want: ['4:10 config.missing'],
    },
    {
      name: 'a volatile argument',
      text: one('{ args: { COMMIT: a }, volatile: [COMIT] }'),
      want: ['4:42 config.invalid'],
    },
    { name: 'an argument’s name', text: one('{ args: { "A-B": a } }'), want: ['4:18 config.invalid'] },
    { name: 'an argument that is a list', text: one('{ args: { A: [b] } }'), want: ['4:21 config.invalid'] },
    { name: 'an argument that is nothing', text: one('{ args: { A: } }'), want: ['4:18 config.invalid'] },
    { name: 'a target of itself', text: one('{ contexts: { a: "target:api" } }'), want: ['4:25 config.cycle'] },
    {
      name: 'staging',
      text: `${head}staging: "ghcr.io/acme/x:y"\ntargets: { api: {} }\n`,
      want: ['3:10 config.invalid'],
    },
  ])('$name', ({ text, want }, { expect }) => {
    expect(mistakes(text)).toEqual(want);
  });

  test('a context of the network is told as such', ({ expect }) => {
    const { diagnostics } = parseFamily(one('{ context: "https://example.com/x.git" }'), file);
    expect(diagnostics.map(({ message }) => message)).toEqual(['https://example.com/x.git is no folder']);
  });

  test('at the top is told once, not for each target', ({ expect }) => {
    const text =
      'destinations: [ghcr.io/acme]\nplatforms: [linux/amd46]\ntags: type=none\ntargets: { a: {}, b: {}, c: {} }\n';
    expect(mistakes(text)).toEqual(['2:13 config.invalid', '3:12 config.tag-rule']);
  });
});

describe('a mistake in a tag rule stands where it is written', () => {
  const rules = (text: string) => mistakes(`${head}targets: { api: {} }\n${text}`);
  test.for([
    { name: 'in a block', text: 'tags: |\n  type=sha\n  type=shaa\n', want: ['6:8 config.tag-rule'] },
    { name: 'in a block with a header', text: 'tags: |2-\n    type=shaa\n', want: ['5:10 config.tag-rule'] },
    { name: 'in one line', text: 'tags: type=shaa\n', want: ['4:12 config.tag-rule'] },
    { name: 'in quotes', text: 'tags: "type=shaa"\n', want: ['4:13 config.tag-rule'] },
    { name: 'in a list', text: 'tags:\n  - type=sha\n  - type=shaa\n', want: ['6:10 config.tag-rule'] },
    { name: 'in a flow list', text: "tags: [type=sha, 'type=shaa']\n", want: ['4:24 config.tag-rule'] },
    {
      name: 'in a folded block, whose lines are one',
      text: 'tags: >\n  type=sha,\n  format=lang\n',
      want: ['4:7 config.tag-rule'],
    },
    { name: 'in the flavor', text: 'flavor: |\n  latest=auto\n  sufix=-x\n', want: ['6:3 config.tag-rule'] },
    {
      name: 'that an anchor holds',
      text: 'tags: &t |\n  type=shaa\nflavor: *t\n',
      want: ['5:3 config.tag-rule', '5:8 config.tag-rule'],
    },
  ])('$name', ({ text, want }, { expect }) => expect(rules(text)).toEqual(want));
});

describe('where the syntax breaks', () => {
  test('what comes before it is checked, what may follow from it is not', ({ expect }) => {
    const text = 'platforms: [linux/amd46]\nbases: no\ntargets:\n  api: { context: "a\n  x: ]\n';
    const found = mistakes(text);
    expect(found.slice(0, 2)).toEqual(['1:13 config.invalid', '2:8 config.invalid']);
    expect(found.slice(2).length).toBeGreaterThan(0);
    expect(found.slice(2).every((mistake) => mistake.endsWith('config.yaml'))).toBe(true);
  });

  test('a tab', ({ expect }) => {
    expect(mistakes(`${head}targets:\n\tapi: {}\n`).some((mistake) => mistake.startsWith('4:1 config.yaml'))).toBe(
      true,
    );
  });
});

describe('finding the file', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fanfold-load-'));
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    writeFileSync(join(folder, 'fanfold.yaml'), `${head}targets: { api: {} }\n`);
    writeFileSync(join(folder, 'a/other.yaml'), `${head}targets: { other: {} }\n`);
    symlinkSync('../other.yaml', join(folder, 'a/b/fanfold.yaml'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.for([
    { name: 'in the folder', cwd: '.', path: undefined, want: ['fanfold.yaml', 'api'] },
    { name: 'in a folder above', cwd: 'a', path: undefined, want: ['fanfold.yaml', 'api'] },
    { name: 'through a link', cwd: 'a/b', path: undefined, want: ['a/b/fanfold.yaml', 'other'] },
    { name: 'by its path', cwd: 'a/b', path: '../other.yaml', want: ['a/other.yaml', 'other'] },
    { name: 'by its folder', cwd: 'a/b', path: '../..', want: ['fanfold.yaml', 'api'] },
  ])('$name', async ({ cwd, path, want: [at = '', target] }, { expect }) => {
    const { family, diagnostics } = await loadFamily(path, { files: systemFiles, cwd: join(folder, cwd) });
    expect(diagnostics).toEqual([]);
    expect(family?.file).toBe(join(folder, at));
    expect(family?.targets.map(({ name }) => name)).toEqual([target]);
  });

  test('nowhere', async ({ expect }) => {
    const { family, diagnostics } = await loadFamily('none.yaml', { files: systemFiles, cwd: folder });
    expect(family).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: 'config.not-found', place: { file: join(folder, 'none.yaml') } }]);
  });

  test('a file past the bound', async ({ expect }) => {
    writeFileSync(join(folder, 'a/large.yaml'), `#${'x'.repeat(5_000_000)}`);
    const { diagnostics } = await loadFamily('a/large.yaml', { files: systemFiles, cwd: folder });
    expect(diagnostics.map(({ message }) => message)[0]).toContain('at most');
  });
});

test.for([
  { name: 'nothing is cached by default', yaml: '', want: [undefined, undefined] },
  { name: 'the top is the default', yaml: 'cache: max', want: ['max', 'max'] },
  { name: 'a target’s own holds', yaml: 'cache: max', own: 'cache: min', want: ['min', 'min'] },
  { name: 'a target is taken out', yaml: 'cache: max', own: 'cache: off', want: [undefined, undefined] },
  {
    name: 'a platform’s own holds',
    yaml: 'cache: max',
    own: 'per-platform: { linux/arm64: { cache: off } }',
    want: ['max', undefined],
  },
  {
    name: 'a platform alone',
    yaml: 'per-platform: { linux/arm64: { cache: min } }',
    want: [undefined, 'min'],
  },
])('cache: $name', ({ yaml, own = '', want }, { expect }) => {
  const head = `destinations: [ghcr.io/acme]\nplatforms: [linux/amd64, linux/arm64]\n${yaml}\n`;
  const { family, diagnostics } = parseFamily(`${head}targets:\n  api:\n    context: api\n    ${own}\n`, file);
  expect(diagnostics).toEqual([]);
  expect(legsOf(family ?? { targets: [] }).map(({ target }) => target.cache)).toEqual(want);
});

test('cache: another word is a mistake that names one of the right ones', ({ expect }) => {
  const { diagnostics } = parseFamily(
    `destinations: [ghcr.io/acme]\nplatforms: [linux/amd64]\ncache: all\ntargets: {}\n`,
    file,
  );
  expect(diagnostics).toMatchObject([
    { place: { line: 3, column: 8 }, message: 'cache cannot be "all"', hint: expect.stringMatching(/max|off/) },
  ]);
});
