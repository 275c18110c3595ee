import { describe, test } from 'vitest';
import { FanfoldError } from '../../base/errors/error.ts';
import { legsOf } from './legs.ts';
import { readFamily } from './load.ts';
import type { SourceReader } from './source-reader.ts';

const file = '/family/fanfold.yaml';
const head = 'destinations: [ghcr.io/acme]\ntags: type=raw,value=1\n';

/** Reads texts by their path; `printed` is what Bake prints. */
function reader(files: Readonly<Record<string, string>>, printed?: string): SourceReader {
  return {
    readText: async (path) => {
      const text = files[path];
      if (text === undefined) throw new FanfoldError('host.file', `${path} is not there`);
      return text;
    },
    printBake: async () => {
      if (printed === undefined)
        throw new FanfoldError('host.program', 'docker is not installed', { hint: 'install docker' });
      return printed;
    },
  };
}

async function read(yaml: string, files: Readonly<Record<string, string>> = {}, printed?: string) {
  const loaded = await readFamily(head + yaml, file, reader(files, printed));
  const mistakes = loaded.diagnostics.map(
    ({ place, message, severity }) =>
      `${place.file?.split('/').at(-1)}:${place.line}:${place.column} ${severity === 'warning' ? 'note: ' : ''}${message}`,
  );
  return { ...loaded, mistakes, targets: loaded.family?.targets ?? [] };
}

const matrix = `# data
include:
  - suffix: '-cpu-vllm'
    platforms: linux/amd64
    backend: vllm
    version: 1.10
    runs-on: ubuntu-latest
  - suffix: '-cpu-vllm'
    platforms: linux/arm64
    backend: vllm
    version: 1.10
    runs-on: ubuntu-24.04-arm
  - suffix: '-cpu-vllm-omni'
    platforms: linux/amd64,linux/arm64
    backend: vllm-omni
    version: 2
    runs-on: ubuntu-latest
    extra: x
other: [{suffix: -z, platforms: linux/s390x, backend: z, version: 3, runs-on: r}]
`;
const each = `sources:
  - matrix: m.yml
    each:
      image: backends
      suffix: "{suffix}"
      platforms: "{platforms}"
      dockerfile: "./Dockerfile.{kind|python}"
      runner: "{runs-on}"
      args: { BACKEND: "{backend}", VERSION: "{version}", EXTRA: "{extra?}" }
`;

describe('a matrix file', () => {
  test('an entry says what is cached on its own platform', async ({ expect }) => {
    const entries = `include:
  - {name: a, platforms: linux/amd64, steps: max}
  - {name: a, platforms: linux/arm64, steps: "off"}
  - {name: a, platforms: linux/s390x}
`;
    const yaml = `cache: min
sources: [{ matrix: m.yml, each: { name: "{name}", platforms: "{platforms}", cache: "{steps?}" } }]
`;
    const { family, mistakes } = await read(yaml, { 'm.yml': entries });
    expect(mistakes).toEqual([]);
    const legs = legsOf(family ?? { targets: [] });
    expect(legs.map(({ name, target }) => `${name} ${target.cache}`)).toEqual([
      'a@linux/amd64 max',
      'a@linux/arm64 undefined',
      'a@linux/s390x min',
    ]);
  });

  test('entries of one image and suffix are one target; what differs is the platform’s', async ({ expect }) => {
    const { targets, mistakes, family } = await read(each, { 'm.yml': matrix });
    expect(mistakes).toEqual([]);
    expect(targets).toMatchObject([
      {
        name: 'backends-cpu-vllm',
        place: { file: '/family/m.yml', line: 3, column: 5 },
        dockerfile: 'Dockerfile.python',
        args: { BACKEND: 'vllm', VERSION: '1.10' },
        perPlatform: { 'linux/amd64': { runner: 'ubuntu-latest' }, 'linux/arm64': { runner: 'ubuntu-24.04-arm' } },
        tags: { flavor: { suffix: '-cpu-vllm', suffixLatest: true } },
        destinations: [{ location: { repository: 'acme/backends' } }],
      },
      {
        name: 'backends-cpu-vllm-omni',
        args: { BACKEND: 'vllm-omni', VERSION: '2', EXTRA: 'x' },
        runner: 'ubuntu-latest',
      },
    ]);
    expect(targets[0]?.args).not.toHaveProperty('EXTRA');
    const legs = legsOf(family ?? { targets: [] });
    expect(legs.map(({ name, target }) => `${name} ${target.runner}`)).toEqual([
      'backends-cpu-vllm@linux/amd64 ubuntu-latest',
      'backends-cpu-vllm@linux/arm64 ubuntu-24.04-arm',
      'backends-cpu-vllm-omni@linux/amd64 ubuntu-latest',
      'backends-cpu-vllm-omni@linux/arm64 ubuntu-latest',
    ]);
  });

  test.for([
    { name: 'when keeps', more: '    when: { backend: [vllm, z] }\n', want: ['backends-cpu-vllm'] },
    { name: 'skip leaves out', more: '    skip: { backend: vllm }\n', want: ['backends-cpu-vllm-omni'] },
    { name: 'a field that is not there is empty', more: '    skip: { extra: x }\n', want: ['backends-cpu-vllm'] },
    { name: 'a number as it is written', more: '    when: { version: 1.10 }\n', want: ['backends-cpu-vllm'] },
    { name: 'another list', more: '    list: other\n', want: ['backends-z'] },
  ])('$name', async ({ more, want }, { expect }) => {
    const { targets, mistakes } = await read(each + more, { 'm.yml': matrix });
    expect([mistakes, targets.map(({ name }) => name)]).toEqual([[], want]);
  });

  test.for([
    {
      name: 'a platform that is mistyped, in the matrix file',
      matrix: matrix.replace('platforms: linux/amd64\n', 'platforms: linux/amd46\n'),
      want: ['m.yml:4:16 "linux/amd46" is not a platform that is known'],
    },
    {
      name: 'a path that leads out, in the matrix file',
      matrix: matrix.replace('backend: vllm-omni', 'kind: ../../../x\n    backend: vllm-omni'),
      want: ['m.yml:15:11 "./Dockerfile.../../../x" leads out of the folder of fanfold.yaml'],
    },
    {
      name: 'a field that one entry lacks',
      matrix: matrix.replace('    backend: vllm-omni\n', ''),
      want: ['m.yml:13:5 this entry has no backend'],
    },
    {
      name: 'a field that no entry has',
      yaml: each.replace('{backend}', '{backnd}'),
      want: ['fanfold.yaml:11:24 no entry of m.yml has "backnd"'],
    },
    {
      name: 'an expression of GitHub Actions',
      yaml: each.replace('"{backend}"', '"${{ matrix.backend }}"'),
      want: ['fanfold.yaml:11:24 ${{ matrix.backend }} is an expression of GitHub Actions'],
    },
    {
      name: 'a list that is not there',
      yaml: `${each}    list: inclde\n`,
      want: ['fanfold.yaml:12:11 m.yml has no "inclde"'],
    },
    { name: 'no list', matrix: 'include: 3\n', want: ['m.yml:1:10 include must be a list of entries'] },
    {
      name: 'an entry that is no map',
      matrix: `${matrix}`.replace('# data\ninclude:\n', 'include:\n  - 3\n'),
      want: ['m.yml:2:5 an entry must be a map'],
    },
    {
      name: 'a field that is a map',
      matrix: matrix.replace('backend: vllm-omni', 'backend: {a: 1}'),
      want: ['m.yml:15:14 backend must be text here, or a list of texts'],
    },
    {
      name: 'one target with two Dockerfiles',
      matrix: matrix.replace('    platforms: linux/arm64\n', '    platforms: linux/arm64\n    kind: go\n'),
      want: ['m.yml:10:11 this is target "backends-cpu-vllm" as in line 3, with another dockerfile'],
    },
    {
      name: 'one platform twice',
      matrix: matrix.replace('platforms: linux/arm64\n', 'platforms: linux/amd64\n'),
      want: ['m.yml:9:16 linux/amd64 is linux/amd64, which stands there already'],
    },
    {
      name: 'a name that is taken',
      yaml: `${each}targets: { backends-cpu-vllm: { platforms: [linux/amd64], image: x } }\n`,
      want: ['m.yml:3:13 two targets are called "backends-cpu-vllm"'],
    },
    {
      name: 'a name that cannot be',
      yaml: each.replace('image: backends', 'image: backends\n      name: "{suffix}"'),
      want: [
        'm.yml:3:5 "-cpu-vllm" cannot be a name here: a target is named with letters, digits, _, . and -',
        'm.yml:13:5 "-cpu-vllm-omni" cannot be a name here: a target is named with letters, digits, _, . and -',
      ],
    },
    {
      name: 'a file that is not there',
      yaml: each.replace('m.yml', 'n.yml'),
      want: ['fanfold.yaml:4:13 n.yml cannot be read: n.yml is not there'],
    },
    {
      name: 'a file outside',
      yaml: each.replace('m.yml', '../m.yml'),
      want: ['fanfold.yaml:4:13 "../m.yml" is no file in the folder of fanfold.yaml'],
    },
    { name: 'a file with a mistake of syntax', matrix: 'include: [\n', want: [inYamlsWords('m.yml:2:1')] },
    {
      name: 'an unknown field of a source',
      yaml: `${each}    wen: { a: b }\n`,
      want: ['fanfold.yaml:12:5 "wen" is not a field of sources'],
    },
    {
      name: 'an unknown field of each',
      yaml: each.replace('runner:', 'runer:'),
      want: ['fanfold.yaml:10:7 "runer" is not a field of each'],
    },
  ] as readonly { name: string; yaml?: string; matrix?: string; want: readonly string[] }[])(
    '$name',
    async ({ yaml = each, matrix: text = matrix, want }, { expect }) => {
      const { mistakes } = await read(yaml, { 'm.yml': text });
      expect(
        mistakes.map((mistake, place) => (want[place]?.endsWith('…') ? `${mistake.split(' ')[0]} …` : mistake)),
      ).toEqual(want);
    },
  );

  test('entries of other images whose names would be equal are told, not joined', async ({ expect }) => {
    const yaml = each.replace('image: backends', 'image: "{backend}"');
    const entries = (...pairs: readonly (readonly [string, string])[]): string =>
      `include:\n${pairs.map(([image, suffix]) => `  - {backend: ${image}, suffix: ${suffix}, platforms: linux/amd64, version: 1, runs-on: r}\n`).join('')}`;
    const { mistakes } = await read(yaml, { 'm.yml': entries(['a-b', '-c'], ['a', '-b-c']).replace('vllm', 'x') });
    expect(mistakes.filter((mistake) => mistake.includes('two targets'))).toEqual([
      'm.yml:3:26 two targets are called "a-b-c"',
    ]);
  });
});

/** A mistake whose words are YAML's own. */
function inYamlsWords(place: string): string {
  return `${place} …`;
}

const printed = JSON.stringify({
  group: { default: { targets: ['app', 'db'] } },
  target: {
    app: {
      context: './app',
      dockerfile: 'Dockerfile.prod',
      args: { V: '1', UNSET: null },
      contexts: { base: 'target:db', alpine: 'docker-image://alpine:3' },
      labels: { a: 'b' },
      annotations: ['k=v', 'manifest:l=w', 'index:x=y'],
      platforms: ['linux/amd64', 'linux/arm64'],
      target: 'run',
      tags: ['ghcr.io/acme/app:1', 'app:1'],
      secret: [{ id: 'token', src: 'token.txt' }, 'id=b,env=B'],
      attest: [{ type: 'provenance', mode: 'min' }, 'type=sbom,disabled=true'],
      'cache-from': [{ type: 'registry', ref: 'x/y' }],
      output: ['type=registry'],
      'no-cache': true,
    },
    db: { context: '.', platforms: ['linux/amd64', 'linux/arm64'], ulimits: ['nofile=1'] },
  },
});

describe('a Bake file', () => {
  test.for([
    { name: 'printed by Bake', yaml: 'sources: [{ bake: docker-bake.hcl }]\n' },
    { name: 'saved', yaml: 'sources: [{ bake: bake.json }]\n' },
  ])('$name', async ({ yaml }, { expect }) => {
    const { targets, mistakes } = await read(yaml, { 'bake.json': printed }, printed);
    expect(targets).toMatchObject([
      {
        name: 'app',
        context: 'app',
        dockerfile: 'app/Dockerfile.prod',
        stage: 'run',
        args: { V: '1' },
        contexts: { base: { kind: 'target', target: 'db' }, alpine: { kind: 'image', reference: 'alpine:3' } },
        labels: { a: 'b' },
        annotations: { k: 'v', l: 'w' },
        secret: ['id=token,src=token.txt', 'id=b,env=B'],
        attestations: { provenance: 'min', sbom: false },
        cacheFrom: ['type=registry,ref=x/y'],
        destinations: [{ location: { host: 'ghcr.io', repository: 'acme/app' } }],
      },
      { name: 'db', context: '', dockerfile: 'Dockerfile' },
    ]);
    expect(targets[0]?.args).not.toHaveProperty('UNSET');
    expect(mistakes.map((mistake) => mistake.replace(/^\S+ /, ''))).toEqual([
      'note: the annotation "index:x=y" is left out: it is not one of every manifest',
      'note: "ulimits" of Bake is left out',
    ]);
  });

  test('its own destinations and tags hold where fanfold.yaml has none', async ({ expect }) => {
    const { family, diagnostics } = await readFamily(
      'sources: [{ bake: bake.json }]\n',
      file,
      reader({
        'bake.json': JSON.stringify({
          target: {
            app: {
              context: '.',
              platforms: ['linux/amd64'],
              tags: ['ghcr.io/acme/app:1', 'docker.io/acme/app:1', 'ghcr.io/acme/app:2', 'docker.io/acme/app:2'],
            },
          },
        }),
      }),
    );
    expect(diagnostics).toEqual([]);
    expect(family?.targets).toMatchObject([
      {
        destinations: [{ location: { host: 'ghcr.io' } }, { location: { host: 'docker.io' } }],
        tags: { rules: [{ text: 'type=raw,value=1' }, { text: 'type=raw,value=2' }] },
      },
    ]);
  });

  test('each gives fields over the file’s', async ({ expect }) => {
    const yaml =
      'sources:\n  - bake: bake.json\n    each: { image: "x-{name}", platforms: [linux/s390x], args: { N: "{args.V|none}" } }\n';
    const { targets } = await read(yaml, { 'bake.json': printed });
    expect(targets).toMatchObject([
      {
        name: 'app',
        args: { V: '1', N: '1' },
        platforms: [{ architecture: 's390x' }],
        destinations: [{ location: { repository: 'acme/x-app' } }],
      },
      { name: 'db', args: { N: 'none' } },
    ]);
  });

  test.for([
    { name: 'no program', json: undefined, want: ['fanfold.yaml:3:19 b.hcl cannot be read: docker is not installed'] },
    { name: 'no targets', json: '{}', want: ['fanfold.yaml:3:19 b.hcl has no targets'] },
    {
      name: 'a target that is no map',
      json: '{"target":{"a":1}}',
      want: ['fanfold.yaml:3:19 target "a" must be a map'],
    },
    {
      name: 'a Dockerfile inside',
      json: '{"target":{"a":{"platforms":["linux/amd64"],"dockerfile-inline":"FROM x"}}}',
      want: ['fanfold.yaml:3:19 a Dockerfile inside of the Bake file cannot be keyed'],
    },
    {
      name: 'a remote context',
      json: '{"target":{"a":{"platforms":["linux/amd64"],"context":"https://x/y.git"}}}',
      want: ['fanfold.yaml:3:19 https://x/y.git is no folder'],
    },
    { name: 'no platforms', json: '{"target":{"a":{}}}', want: ['fanfold.yaml:3:19 target "a" has no platforms'] },
  ])('$name', async ({ json, want }, { expect }) => {
    const { mistakes } = await read('sources: [{ bake: b.hcl }]\n', {}, json);
    expect(mistakes).toEqual(want);
  });
});

const compose = `services:
  web:
    image: ghcr.io/acme/web:\${TAG:-1}
    build:
      context: ./web
      dockerfile: ../Dockerfile
      target: run
      args: [V=1, "W=\${X-y}"]
      labels: { a: $$b }
      platforms: [linux/amd64]
      additional_contexts: { base: "service:db", files: ./files }
      secrets: [token]
      shm_size: 1g
  db: { build: ./db }
  arm: { build: { context: ./db, labels: { n: "\${A:-\${B:-c}}-\${D+\${E}}\${F-}" } }, platform: linux/arm64 }
  cache: { image: redis }
secrets: { token: { file: ./token.txt } }
`;

describe('a Compose file', () => {
  test('its services with a build', async ({ expect }) => {
    const { targets, mistakes } = await read(
      'platforms: [linux/amd64]\nsources: [{ compose: deploy/compose.yaml }]\n',
      { 'deploy/compose.yaml': compose },
    );
    expect(targets).toMatchObject([
      {
        name: 'web',
        place: { file: '/family/deploy/compose.yaml', line: 5 },
        context: 'deploy/web',
        dockerfile: 'deploy/Dockerfile',
        stage: 'run',
        args: { V: '1', W: 'y' },
        labels: { a: '$b' },
        contexts: { base: { kind: 'target', target: 'db' }, files: { kind: 'folder', path: 'deploy/files' } },
        secret: ['id=token,src=deploy/token.txt'],
        destinations: [{ location: { repository: 'acme/web' } }],
      },
      { name: 'db', context: 'deploy/db', dockerfile: 'deploy/db/Dockerfile' },
      { name: 'arm', labels: { n: 'c-' }, platforms: [{ os: 'linux', architecture: 'arm64' }] },
    ]);
    expect(mistakes).toEqual(['compose.yaml:13:7 note: "shm_size" of a build is left out']);
  });

  test.for([
    {
      name: 'a variable without a default',
      text: 'services:\n  a:\n    build: { context: ., args: { V: "${V}" } }\n',
      want: ['c.yml:3:37 the variable V has no default'],
    },
    {
      name: 'an argument of the environment',
      text: 'services:\n  a:\n    build: { context: ., args: [V] }\n',
      want: ['c.yml:3:32 args V has no value: what the environment gives cannot be keyed'],
    },
    {
      name: 'extends',
      text: 'services:\n  a:\n    extends: b\n    build: .\n',
      want: ['c.yml:3:14 what a service extends is not read'],
    },
    {
      name: 'extends without a build',
      text: 'services:\n  a:\n    extends: { service: b, file: other.yml }\n  b: { build: . }\n',
      want: ['c.yml:3:14 note: what service a extends, which may have a build, is not read'],
    },
    {
      name: 'another file that is included',
      text: 'include: [other.yml]\nservices:\n  b: { build: . }\n',
      want: ['c.yml:1:10 note: what a Compose file includes is not read'],
    },
    {
      name: 'a variable without a default in a default',
      text: 'services:\n  a:\n    build: { context: ., args: { V: "${A:-${B}}" } }\n',
      want: ['c.yml:3:37 the variable B has no default'],
    },
    {
      name: 'a variable that must be set',
      text: 'services:\n  a:\n    build: { context: ., args: { V: "${A:?say it}" } }\n',
      want: ['c.yml:3:37 the variable A has no default'],
    },
    {
      name: 'a variable that is not closed',
      text: 'services:\n  a:\n    build: { context: ., args: { V: "${A:-${B}" } }\n',
      want: ['c.yml:3:37 "${A:-${B}" is no variable'],
    },
    {
      name: 'a variable of an odd name',
      text: 'services:\n  a:\n    build: { context: ., args: { V: "${1}" } }\n',
      want: ['c.yml:3:37 "${1}" is no variable'],
    },
    {
      name: 'a Dockerfile inside',
      text: 'services:\n  a:\n    build: { dockerfile_inline: x }\n',
      want: ['c.yml:3:14 a Dockerfile inside of the Compose file cannot be keyed'],
    },
    { name: 'no services', text: 'a: 1\n', want: ['c.yml:1:1 c.yml has no services'] },
    {
      name: 'a context outside',
      text: 'services:\n  a: { build: .. }\n',
      want: ['c.yml:2:15 ".." leads out of the folder of fanfold.yaml'],
    },
  ])('$name', async ({ text, want }, { expect }) => {
    const { mistakes } = await read('platforms: [linux/amd64]\nsources: [{ compose: c.yml }]\n', { 'c.yml': text });
    expect(mistakes).toEqual(want);
  });
});
