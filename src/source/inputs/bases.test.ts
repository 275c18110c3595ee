import { describe, expect, test } from 'vitest';
import { writeBase } from '../../../test/support/base-image.ts';
import { familyIn, keyFamily, keyOne } from '../../../test/support/keyed-family.ts';
import { testRepository } from '../../../test/support/repository.ts';
import type { Digest } from '../../content/oci/digest.ts';
import { parsePlatform } from '../../content/oci/platform.ts';
import { memoryStore } from '../../content/store/memory.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import { choosePlatform } from './bases.ts';

function paths(tree: ReadableTree, folder = ''): string[] {
  return tree.children(folder).flatMap(({ path, kind }) => (kind === 'folder' ? paths(tree, path) : [path]));
}

const dockerfile = 'FROM base.test/base:1\nCOPY backend/$BACKEND /b\n';
const files = { Dockerfile: dockerfile, 'backend/x': 'x', 'backend/y': 'y', 'backend/z': 'z' };

describe('bases', () => {
  test("a base's ENV takes part in expansion, its ONBUILD in selection", async () => {
    using repository = await testRepository();
    await repository.commit(files);
    const store = memoryStore();
    const config = { env: ['BACKEND=x'], onbuild: ['COPY backend/y /onb'] };
    const digest = await writeBase(store, '1', { 'linux/amd64': config, 'linux/arm64': { env: ['BACKEND=z'] } });
    const family = familyIn(repository.path, { api: { platforms: ['linux/amd64', 'linux/arm64'] } });
    const { keyed } = await keyFamily(family, { store });
    expect(keyed.map(({ inputs }) => paths(inputs.context))).toEqual([['backend/x', 'backend/y'], ['backend/z']]);
    expect(keyed.map(({ inputs }) => inputs.undecided)).toEqual([[], []]);
    expect(keyed[0]?.inputs.bases).toEqual([
      expect.objectContaining({ role: 'from', reference: 'base.test/base:1', digest }),
    ]);
    expect(keyed[0]?.inputs.bases[0]?.manifest?.digest).not.toBe(keyed[1]?.inputs.bases[0]?.manifest?.digest);
  });

  test('another digest under the same tag is another key', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base.test/base:1\n' });
    const family = familyIn(repository.path, { api: {} });
    const store = memoryStore();
    await writeBase(store, '1', { 'linux/amd64': { env: ['A=1'] } });
    const before = await keyOne(family, { store });
    await writeBase(store, '1', { 'linux/amd64': { env: ['A=2'] } });
    expect((await keyOne(family, { store })).key).not.toBe(before.key);
  });

  test('a base that is not looked at takes the whole context, and says so', async () => {
    using repository = await testRepository();
    await repository.commit({ ...files, '.dockerignore': 'backend/z\n' });
    const { inputs } = await keyOne(familyIn(repository.path, { api: { bases: 'ignore' } }), {
      open: () => Promise.reject(new Error('no registry may be asked')),
    });
    expect(paths(inputs.context)).toEqual(['.dockerignore', 'Dockerfile', 'backend/x', 'backend/y']);
    expect(inputs.undecided.join('\n')).toContain('base.test/base:1');
    expect(inputs.bases).toEqual([{ role: 'from', reference: 'base.test/base:1' }]);
  });

  test('`pinned` demands a digest, of the frontend, too', async () => {
    using repository = await testRepository();
    const store = memoryStore();
    const digest = await writeBase(store, '1', { 'linux/amd64': {} });
    await repository.commit({
      loose: 'FROM base.test/base:1\n',
      pinned: `FROM base.test/base:1@${digest}\n`,
      frontend: `# syntax=base.test/frontend:1\nFROM scratch\n`,
    });
    const names = ['loose', 'pinned', 'frontend'];
    const targets = Object.fromEntries(names.map((name) => [name, { dockerfile: name, bases: 'pinned' as const }]));
    const { keyed, failed } = await keyFamily(familyIn(repository.path, targets), { store });
    expect(keyed.map(({ leg }) => leg.target.name)).toEqual(['pinned']);
    expect(failed.map(({ error }) => error)).toEqual([
      expect.objectContaining({ code: 'inputs.unpinned', place: expect.objectContaining({ file: 'loose', line: 1 }) }),
      expect.objectContaining({ code: 'inputs.unpinned' }),
    ]);
  });

  test('what is not there, or not for the platform, is an error at its line', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: '\nFROM base.test/base:1\n' });
    const family = familyIn(repository.path, { api: { platforms: ['linux/riscv64'] } });
    const store = memoryStore();
    const place = expect.objectContaining({ file: 'Dockerfile', line: 2 });
    await expect(keyOne(family, { store })).rejects.toMatchObject({ code: 'inputs.base', place });
    await writeBase(store, '1', { 'linux/amd64': {} });
    await expect(keyOne(family, { store })).rejects.toMatchObject({ code: 'inputs.base', place });
  });

  test('each reference is asked for once, for all legs', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base.test/base:1\nCOPY --from=base.test/base:1 /x /\n' });
    const store = memoryStore();
    await writeBase(store, '1', { 'linux/amd64': {}, 'linux/arm64': {} });
    const asked: string[] = [];
    const counted = {
      ...store,
      resolve: (name: string) => {
        asked.push(name);
        return store.resolve(name);
      },
    };
    const targets = { one: { platforms: ['linux/amd64', 'linux/arm64'] }, two: {} };
    await keyFamily(familyIn(repository.path, targets), { store: counted });
    expect(asked).toEqual(['1']);
  });

  test('named contexts that are images or layouts are found, too, and their ONBUILD counts', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base\nCOPY --from=tools /t /t\n', a: 'a', b: 'b' });
    const store = memoryStore();
    await writeBase(store, '1', { 'linux/amd64': { onbuild: ['COPY a /'] } });
    const opened: string[] = [];
    const family = familyIn(repository.path, {
      api: {
        contexts: {
          base: { kind: 'layout', reference: 'layouts/base:1' },
          tools: { kind: 'image', reference: 'base.test/tools:1' },
        },
      },
    });
    const { inputs } = await keyOne(family, {
      open: async (location) => {
        opened.push(location.kind === 'layout' ? location.path : location.host);
        return store;
      },
    });
    expect(paths(inputs.context)).toEqual(['a']);
    expect(opened.sort()).toEqual([`${repository.path}/layouts/base`, 'base.test']);
    expect(inputs.bases.map(({ role, context }) => [role, context])).toEqual([
      ['from', 'base'],
      ['copy-from', 'tools'],
    ]);
  });
});

describe('choosePlatform', () => {
  const manifests = ['linux/386', 'linux/amd64', 'linux/arm/v6', 'linux/arm/v7', 'linux/arm64'].map((platform) => ({
    mediaType: platform,
    digest: `sha256:${'0'.repeat(64)}` as Digest,
    size: 1,
    platform: parsePlatform(platform),
  }));
  test.for([
    { name: 'the platform itself', wanted: 'linux/arm64', want: 'linux/arm64' },
    { name: 'an older variant', wanted: 'linux/amd64/v3', want: 'linux/amd64' },
    { name: 'arm without a variant is v7', wanted: 'linux/arm', want: 'linux/arm/v7' },
    { name: 'the older arm where the newer is not there', wanted: 'linux/arm/v8', want: 'linux/arm/v7' },
    { name: 'never a newer variant', wanted: 'linux/arm/v5', want: undefined },
    { name: 'another architecture', wanted: 'linux/s390x', want: undefined },
  ])('$name', ({ wanted, want }, { expect }) => {
    expect(choosePlatform(manifests, parsePlatform(wanted))?.mediaType).toBe(want);
  });
});
