// Bad input: each mistake is a clear error with its place, the exit status says whose it is, and nothing is moved.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { randomImage, writeLayout } from '../support/random-image.ts';
import type { FileSpec } from '../support/repository.ts';

const image = { 'app/Dockerfile': 'FROM scratch\nCOPY file /file\n', 'app/file': 'app', '.gitignore': 'out\n' };
const yaml = familyYaml(['oci:out/a', 'oci:out/b'], { app: '' });

interface Row {
  readonly name: string;
  readonly files: Readonly<Record<string, FileSpec>>;
  readonly args?: readonly string[];
  readonly status: 1 | 2;
  readonly says: readonly RegExp[];
}

const rows: readonly Row[] = [
  {
    name: 'an unknown platform',
    files: { 'fanfold.yaml': yaml.replace('linux/amd64', 'linux-amd64') },
    status: 2,
    says: [/linux-amd64/, /fanfold\.yaml:2:\d+/],
  },
  {
    name: 'a missing COPY source',
    files: { 'fanfold.yaml': yaml, 'app/Dockerfile': 'FROM scratch\nLABEL a=b\nCOPY nowhere /file\n' },
    status: 1,
    says: [/nowhere/, /app\/Dockerfile:3/],
  },
  {
    name: 'an instruction that does not exist',
    files: { 'fanfold.yaml': yaml, 'app/Dockerfile': 'FROM scratch\nCOPPY file /file\n' },
    status: 1,
    says: [/COPPY/, /app\/Dockerfile:2/, /COPY/],
  },
  {
    name: 'a RUN where no builder can run it',
    files: {
      'fanfold.yaml': familyYaml(['oci:out/a'], { app: 'builder: direct' }),
      'app/Dockerfile': 'FROM scratch\nCOPY file /file\nRUN true\n',
    },
    status: 1,
    says: [/RUN/, /:3/, /buildx/i],
  },
  {
    name: 'a cycle between targets',
    files: {
      'fanfold.yaml': familyYaml(['oci:out/a'], {
        app: 'contexts: { b: "target:base" }',
        base: 'contexts: { a: "target:app" }',
      }),
    },
    status: 2,
    says: [/app/, /base/, /fanfold\.yaml:\d+/],
  },
  {
    name: 'a tag rule with a typing error',
    files: {
      'fanfold.yaml': yaml.replace(
        'tags: type=raw,value=latest',
        'tags: |\n  type=raw,value=1\n  type=semvr,pattern={{version}}',
      ),
    },
    status: 2,
    says: [/semvr/, /semver/, /fanfold\.yaml:5:\d+/],
  },
  { name: 'no configuration', files: {}, args: ['run'], status: 2, says: [/fanfold\.yaml/] },
  {
    name: 'an unknown command',
    files: { 'fanfold.yaml': yaml },
    args: ['pulish'],
    status: 2,
    says: [/pulish/, /publish/],
  },
  {
    name: 'an unknown option',
    files: { 'fanfold.yaml': yaml },
    args: ['run', '--dry-rn'],
    status: 2,
    says: [/--dry-rn/, /--dry-run/],
  },
  {
    name: 'a target that is not there',
    files: { 'fanfold.yaml': yaml },
    args: ['run', '--only', 'ap'],
    status: 2,
    says: [/--only ap/, /app/],
  },
  {
    name: 'a malformed reference',
    files: { 'fanfold.yaml': yaml },
    args: ['inspect', 'Not A Reference'],
    status: 1,
    says: [/Not A Reference/],
  },
];

describe('bad input', () => {
  test.for(rows)('$name', async ({ files, args = ['run'], status, says }) => {
    using family = await testFamily({ ...image, ...files });
    const outcome = await family.fanfold(...args);
    const said = outcome.stdout + outcome.stderr;
    for (const pattern of says) expect(said).toMatch(pattern);
    expect(outcome.status).toBe(status);
    expect(said).not.toMatch(/\n {4}at .*\.js:\d+/);
    expect(existsSync(join(family.path, 'out', 'a', 'app', 'index.json'))).toBe(false);
  });

  test('ten mistakes in one file are ten diagnostics, each at its line', async () => {
    const text = [
      'destinatons: [oci:out/a]',
      'destinations: [oci:out/a, "ghcr.io/UPPER"]',
      'platforms: [linux/amd64, solaris]',
      'tags: |',
      '  type=semvr,pattern={{version}}',
      'bases: resolv',
      'attestations: { provenance: most }',
      'targets:',
      '  app:',
      '    contxt: app',
      '    args: [1]',
      '    builder: docker',
      '    contexts: { base: "target:nothing" }',
      '    network: hosts',
      '',
    ].join('\n');
    using family = await testFamily({ ...image, 'fanfold.yaml': text });
    const { status, stderr } = await family.fanfold('check');
    expect(status).toBe(2);
    const places = [...stderr.matchAll(/fanfold\.yaml:(\d+):\d+/g)].map(([, line]) => Number(line));
    expect([...new Set(places)].sort((a, b) => a - b)).toEqual([1, 2, 3, 5, 6, 7, 10, 11, 12, 13, 14]);
    for (const word of ['destinations', 'semver', 'resolve', 'context']) expect(stderr).toContain(word);
  });
});

/** A layout `src` in the family's folder, with one image under `latest`, and the file of its layer's blob. */
function layoutIn(family: TestFamily): { layer: string; manifest: string } {
  const image = randomImage('spoiled', { layers: 1, layerBytes: 5000 });
  writeLayout(join(family.path, 'src'), image);
  const blob = (digest = ''): string => join(family.path, 'src', 'blobs', ...digest.split(':'));
  return { layer: blob(image.layers[0]?.digest), manifest: blob(image.manifest.digest) };
}

describe('content that is not what it says', () => {
  const spoilers: readonly {
    name: string;
    spoil: (files: { layer: string; manifest: string }) => void;
    says: RegExp;
  }[] = [
    {
      name: 'a wrong digest',
      spoil: ({ layer }) => {
        const bytes = readFileSync(layer);
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        writeFileSync(layer, bytes);
      },
      says: /sha256:[0-9a-f]{64}/,
    },
    {
      name: 'a short blob',
      spoil: ({ layer }) => writeFileSync(layer, readFileSync(layer).subarray(0, 1000)),
      says: /bytes|size/,
    },
    {
      name: 'a long blob',
      spoil: ({ layer }) => writeFileSync(layer, Buffer.concat([readFileSync(layer), Buffer.alloc(9)])),
      says: /bytes|size/,
    },
    {
      name: 'a malformed manifest',
      spoil: ({ manifest }) => writeFileSync(manifest, '{"schemaVersion": 2,'.padEnd(readFileSync(manifest).length)),
      says: /sha256:[0-9a-f]{64}|JSON/,
    },
  ];
  test.for(spoilers)('$name is refused, and no tag is written', async ({ spoil, says }) => {
    using family = await testFamily({ 'fanfold.yaml': yaml, ...image });
    spoil(layoutIn(family));
    const outcome = await family.fanfold('copy', 'oci:src:latest', 'oci:out/copy:latest');
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(says);
    const index = join(family.path, 'out', 'copy', 'index.json');
    if (existsSync(index)) expect(readFileSync(index, 'utf8')).not.toContain('latest');
    const blobs = join(family.path, 'out', 'copy', 'blobs', 'sha256');
    for (const name of existsSync(blobs) ? readdirSync(blobs) : []) expect(name).toMatch(/^[0-9a-f]{64}$/);
  });
});
