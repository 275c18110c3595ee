import { describe, expect, test } from 'vitest';
import { keyedLeg, type LegDifferences } from '../../../test/support/keyed-leg.ts';
import { memoryTree } from '../../../test/support/memory-tree.ts';
import { describe as describeBytes } from '../../content/oci/descriptor.ts';
import { digestOf } from '../../content/oci/digest.ts';
import { ociTypes } from '../../content/oci/media-types.ts';
import { type Location, parseLocation } from '../../content/oci/reference.ts';
import { memoryStore } from '../../content/store/memory.ts';
import type { BuildRequest } from '../builder.ts';
import type { BuildFolders } from '../folders.ts';
import { buildArguments, csv } from './arguments.ts';

const folders: BuildFolders = {
  context: '/t/context',
  dockerfile: '/t/dockerfile/Dockerfile',
  ignoreFile: '/t/dockerfile/Dockerfile.dockerignore',
  named: new Map([['files', '/t/named/0']]),
  scratch: '/t/scratch',
  [Symbol.asyncDispose]: async () => undefined,
};
const digest = digestOf('base');
const manifest = describeBytes(ociTypes.manifest, Buffer.from('{}'));

function argumentsOf(differences: LegDifferences, built: Readonly<Record<string, Location>> = {}): readonly string[] {
  const request: BuildRequest = {
    keyed: keyedLeg(differences),
    context: memoryTree({}),
    store: memoryStore(),
    subjects: [],
    buildsOn: new Map(Object.entries(built).map(([name, location]) => [name, { location, manifest }])),
    open: async () => memoryStore(),
    on: () => undefined,
  };
  return buildArguments(request, folders, ['type=cacheonly']);
}

describe('the arguments hold', () => {
  test.for<{ name: string; leg: LegDifferences; built?: Record<string, Location>; want: readonly string[] }>([
    {
      name: 'platform, file and context',
      leg: { platform: 'linux/arm/v7' },
      want: ['--platform=linux/arm/v7', '--file=/t/dockerfile/Dockerfile', '/t/context'],
    },
    { name: 'the stage', leg: { target: { stage: 'final' } }, want: ['--target=final'] },
    {
      name: 'the builder by name',
      leg: { target: { builder: { kind: 'buildx', name: 'arm' } } },
      want: ['--builder=arm'],
    },
    {
      name: 'all arguments, volatile ones too',
      leg: { inputs: { args: { A: '1', EMPTY: '' } } },
      want: ['--build-arg=A=1', '--build-arg=EMPTY='],
    },
    {
      name: 'labels, and annotations of the manifest',
      leg: { target: { labels: { l: 'v' }, annotations: { a: 'w' } } },
      want: ['--label=l=v', '--annotation=manifest:a=w'],
    },
    {
      name: "the manifest's annotations in Buildx's own forms",
      leg: {
        target: {
          annotations: { 'manifest:a': '1', 'manifest[linux/amd64],index:b': '2', 'manifest[linux/amd64]:c': '3' },
        },
      },
      want: ['--annotation=manifest:a=1', '--annotation=manifest:c=3'],
    },
    {
      name: 'secrets and ssh',
      leg: { target: { secret: ['id=t,env=T'], ssh: ['default'] } },
      want: ['--secret=id=t,env=T', '--ssh=default'],
    },
    {
      name: 'the network, with the right that host needs',
      leg: { target: { network: 'host' } },
      want: ['--network=host', '--allow=network.host'],
    },
    {
      name: 'caches',
      leg: { target: { cacheFrom: ['type=gha'], cacheTo: ['type=gha,mode=max'] } },
      want: ['--cache-from=type=gha', '--cache-to=type=gha,mode=max'],
    },
    { name: 'no attestations, said aloud', leg: {}, want: ['--provenance=false', '--sbom=false'] },
    {
      name: 'attestations',
      leg: { target: { attestations: { provenance: 'max', sbom: 'r.example/gen@sha256:0' } } },
      want: ['--attest=type=provenance,mode=max', '--attest=type=sbom,generator=r.example/gen@sha256:0'],
    },
    {
      name: "BuildKit's own SBOM generator",
      leg: { target: { attestations: { provenance: 'min', sbom: true } } },
      want: ['--attest=type=provenance,mode=min', '--attest=type=sbom'],
    },
    {
      name: 'a base by the digest of the key',
      leg: { inputs: { bases: [{ role: 'from', reference: 'r.example:5000/b:1', digest }] } },
      want: [`--build-context=r.example:5000/b:1=docker-image://r.example:5000/b@${digest}`],
    },
    {
      name: "Docker Hub's name, whole",
      leg: { inputs: { bases: [{ role: 'copy-from', reference: 'alpine', digest }] } },
      want: [`--build-context=alpine=docker-image://docker.io/library/alpine@${digest}`],
    },
    {
      name: 'the frontend by digest',
      leg: { inputs: { bases: [{ role: 'frontend', reference: 'docker/dockerfile:1', digest }] } },
      want: [`--build-arg=BUILDKIT_SYNTAX=docker.io/docker/dockerfile@${digest}`],
    },
    {
      name: 'a named folder',
      leg: { target: { contexts: { files: { kind: 'folder', path: 'x' } } } },
      want: ['--build-context=files=/t/named/0'],
    },
    {
      name: 'a named image',
      leg: { target: { contexts: { i: { kind: 'image', reference: 'a:1' } } } },
      want: ['--build-context=i=docker-image://a:1'],
    },
    {
      name: 'a named image by digest',
      leg: {
        target: { contexts: { i: { kind: 'image', reference: 'a:1' } } },
        inputs: { bases: [{ role: 'from', reference: 'a:1', context: 'i', digest }] },
      },
      want: [`--build-context=i=docker-image://docker.io/library/a@${digest}`],
    },
    {
      name: 'a named layout by digest',
      leg: {
        target: { contexts: { i: { kind: 'layout', reference: 'some/layout:1' } } },
        inputs: { bases: [{ role: 'from', reference: 'oci:some/layout:1', context: 'i', digest }] },
      },
      want: [`--build-context=i=oci-layout://some/layout@${digest}`],
    },
    {
      name: 'a target in a registry',
      leg: { target: { contexts: { lib: { kind: 'target', target: 'base' } } } },
      built: { base: parseLocation('r.example/s') },
      want: [`--build-context=lib=docker-image://r.example/s@${manifest.digest}`],
    },
    {
      name: 'a target in a layout',
      leg: { target: { contexts: { lib: { kind: 'target', target: 'base' } } } },
      built: { base: parseLocation('oci:/srv/s') },
      want: [`--build-context=lib=oci-layout:///srv/s@${manifest.digest}`],
    },
  ])('$name', ({ leg, built, want }) => expect(argumentsOf(leg, built)).toEqual(expect.arrayContaining([...want])));
});

test('a base without a digest, or with one as written, stays as it is', () => {
  const bases = [
    { role: 'from', reference: 'free:1' },
    { role: 'from', reference: `pinned@${digest}`, digest },
  ] as const;
  expect(argumentsOf({ inputs: { bases } }).filter((argument) => argument.startsWith('--build-context'))).toEqual([]);
});

test('no text of the configuration can become a flag', () => {
  const hostile = '--output=type=local,dest=/';
  const args = argumentsOf({
    target: {
      stage: hostile,
      labels: { [hostile]: hostile },
      annotations: { [hostile]: hostile },
      secret: [hostile],
      ssh: [hostile],
      cacheFrom: [hostile],
      cacheTo: [hostile],
      builder: { kind: 'buildx', name: hostile },
      contexts: { [hostile]: { kind: 'git', url: hostile } },
    },
    inputs: { args: { [hostile]: hostile } },
  });
  expect(args.filter((argument) => argument.startsWith('--output'))).toEqual(['--output=type=cacheonly']);
  expect(args.slice(0, 2)).toEqual(['buildx', 'build']);
  expect(args.slice(2, -2).every((argument) => /^--[a-z-]+=/.test(argument))).toBe(true);
  expect(args.slice(-2)).toEqual(['--', '/t/context']);
});

test('a target that is not built is an error that names it', () => {
  const leg = { target: { contexts: { lib: { kind: 'target', target: 'base' } } } } as const;
  expect(() => argumentsOf(leg)).toThrow('app@linux/amd64 builds on base, which is not built');
});

test('csv quotes what a reader would split', () => {
  expect(csv({ type: 'image', name: 'a,b' })).toBe('type=image,"name=a,b"');
  expect(csv({ name: 'say "hi"' })).toBe('"name=say ""hi"""');
});
