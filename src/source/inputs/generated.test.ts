import { describe, expect, test } from 'vitest';
import { familyIn, keyOne, type TargetSpec } from '../../../test/support/keyed-family.ts';
import { testRepository } from '../../../test/support/repository.ts';
import { nodeHost } from '../../base/host/host.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { withGenerated } from './generated.ts';

function paths(tree: ReadableTree, folder = ''): string[] {
  return tree.children(folder).flatMap(({ path, kind }) => (kind === 'folder' ? paths(tree, path) : [path]));
}

async function textOf(tree: ReadableTree, path: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tree.read(tree.find(path) as TreeEntry)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

const script = `import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
const { FANFOLD_TARGET, FANFOLD_PLATFORM, SECRET } = process.env;
mkdirSync('bin/deep', { recursive: true });
const seen = readdirSync('.', { recursive: true }).sort().join(' ');
writeFileSync('bin/tool', [FANFOLD_TARGET, FANFOLD_PLATFORM, SECRET, readFileSync('lock.json', 'utf8'), seen].join('|'), { mode: 0o755 });
writeFileSync('bin/deep/ignored.map', 'map');
writeFileSync('other', 'not declared');
`;
const files = {
  Dockerfile: 'FROM scratch\nCOPY bin /bin\nCOPY app /app\n',
  '.dockerignore': '**/*.map\n',
  'lock.json': '{}',
  'make.mjs': script,
  app: 'app',
  unrelated: 'u',
};
const target: TargetSpec = { generated: [{ paths: ['bin'], run: ['node', 'make.mjs'], lock: ['lock.json'] }] };

describe('generated', () => {
  test('is run on its lock and script alone, and brings what it declares, after .dockerignore', async () => {
    using repository = await testRepository();
    await repository.commit(files);
    const family = familyIn(repository.path, { tool: target });
    const keyed = await keyOne(family);
    expect(paths(keyed.inputs.context)).toEqual(['app']);
    const host = { ...nodeHost(), env: { ...nodeHost().env, SECRET: 'secret' } };
    const context = await withGenerated(keyed, family, host);
    expect(paths(context)).toEqual(['app', 'bin/tool']);
    expect(context.find('bin/tool')).toMatchObject({ executable: true });
    const [name, platform, secret, lock, seen] = (await textOf(context, 'bin/tool')).split('|');
    expect([name, platform, secret, lock]).toEqual(['tool', 'linux/amd64', '', '{}']);
    expect(seen).toBe('bin bin/deep lock.json make.mjs');
    expect(await textOf(context, 'app')).toBe('app');
    await context[Symbol.asyncDispose]();
    await expect(textOf(context, 'bin/tool')).rejects.toMatchObject({ code: expect.stringMatching(/^host\.file$/) });
  });

  test('the key takes the command, its lock and its script, never the bytes that an earlier run left', async () => {
    using repository = await testRepository();
    await repository.commit({ ...files, '.gitignore': 'bin\n' });
    const family = familyIn(repository.path, { tool: target });
    const { key } = await keyOne(family);
    repository.write({ 'bin/tool': 'left by an earlier run' });
    expect((await keyOne(family)).key).toBe(key);
    const onDisk = await keyOne(family, { tree: 'worktree' });
    expect(onDisk).toMatchObject({ key, inputs: { dirty: false } });
    for (const change of [{ 'lock.json': '{"a":1}' }, { 'make.mjs': `${script}//\n` }]) {
      const before = await keyOne(family);
      await repository.commit(change);
      expect((await keyOne(family)).key).not.toBe(before.key);
    }
    const before = await keyOne(family);
    await repository.commit({ unrelated: 'changed' });
    expect((await keyOne(family)).key).toBe(before.key);
    const renamed = await keyOne(familyIn(repository.path, { other: target }));
    expect(renamed.key).not.toBe(before.key);
  });

  test.for([
    { name: 'that does not bring what it declares', run: ['node', '-e', '0'], want: 'did not bring bin' },
    { name: 'that fails', run: ['node', '-e', 'console.error("no network"); process.exit(3)'], want: 'no network' },
    { name: 'that makes only an empty folder', run: ['mkdir', 'bin'], want: 'did not bring bin' },
    { name: 'that needs a file outside of its lock', run: ['cp', '-r', '../../app', 'bin'], want: 'status 1' },
  ])('a command $name is an error', async ({ run, want }, { expect }) => {
    using repository = await testRepository();
    await repository.commit(files);
    const family = familyIn(repository.path, { tool: { generated: [{ paths: ['bin'], run, lock: [] }] } });
    const keyed = await keyOne(family);
    await expect(withGenerated(keyed, family, nodeHost())).rejects.toMatchObject({
      code: 'inputs.generated',
      message: expect.stringContaining(want),
    });
  });

  test('what is declared outside of the context, and a lock that is not there', async () => {
    using repository = await testRepository();
    await repository.commit({ ...files, 'sub/Dockerfile': 'FROM scratch\n' });
    const outside = familyIn(repository.path, { tool: { ...target, context: 'sub' } });
    await expect(keyOne(outside)).rejects.toMatchObject({ code: 'inputs.outside' });
    const gone = { generated: [{ paths: ['bin'], run: ['true'], lock: ['package-lock.json'] }] };
    await expect(keyOne(familyIn(repository.path, { tool: gone }))).rejects.toMatchObject({ code: 'inputs.missing' });
    repository.write({ 'package-lock.json': '{}' });
    await expect(keyOne(familyIn(repository.path, { tool: gone }))).rejects.toMatchObject({ code: 'inputs.untracked' });
  });
});
