import { describe, expect, test } from 'vitest';
import { familyIn, keyFamily, keyOne } from '../../../test/support/keyed-family.ts';
import { testRepository } from '../../../test/support/repository.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';

function paths(tree: ReadableTree, folder = ''): string[] {
  return tree.children(folder).flatMap(({ path, kind }) => (kind === 'folder' ? paths(tree, path) : [path]));
}

describe('keyLegs', () => {
  test('takes what reached stages copy, and nothing else', async () => {
    using repository = await testRepository();
    await repository.commit({
      Dockerfile: 'FROM scratch AS other\nCOPY unused /\nFROM scratch\nARG WHICH=a\nCOPY app/$WHICH shared /x/\n',
      '.dockerignore': '**/*.log\n',
      'app/a/run': { bytes: '#!', executable: true },
      'app/a/noise.log': 'log',
      'app/b/run': 'b',
      shared: { link: 'app/a' },
      unused: 'u',
    });
    const family = familyIn(repository.path, { api: {} });
    const { inputs, key, document } = await keyOne(family);
    expect(paths(inputs.context)).toEqual(['app/a/run', 'shared']);
    expect(inputs.dirty).toBe(false);
    expect(inputs.undecided).toEqual([]);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.parse(document)).toMatchObject({ format: 'fanfold-key/1', platform: 'linux/amd64' });
    const b = await keyOne(familyIn(repository.path, { api: { args: { WHICH: 'b' } } }));
    expect(paths(b.inputs.context)).toEqual(['app/a/run', 'app/b/run', 'shared']);
    expect(b.key).not.toBe(key);
  });

  test.for([
    { url: 'https://git.test/x.git#main', isTold: true },
    { url: 'https://git.test/x.git', isTold: true },
    { url: `https://git.test/x.git#${'a'.repeat(40)}:docs`, isTold: false },
  ])('a Git context that may move is told: $url', async ({ url, isTold }) => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM scratch\nCOPY --from=remote . /\n' });
    const { inputs } = await keyOne(familyIn(repository.path, { api: { contexts: { remote: { kind: 'git', url } } } }));
    expect(inputs.undecided).toEqual(isTold ? [expect.stringMatching(/context remote .* name a commit/)] : []);
  });

  test('a target that is broken stops no other', async () => {
    using repository = await testRepository();
    await repository.commit({
      Dockerfile: 'FROM scratch\nCOPY x /\n',
      x: 'x',
      bad: 'FORM scratch\n',
      gone: 'FROM scratch\nCOPY nothing /\n',
    });
    const { keyed, failed } = await keyFamily(
      familyIn(repository.path, {
        good: { platforms: ['linux/amd64', 'linux/arm64'] },
        bad: { dockerfile: 'bad' },
        gone: { dockerfile: 'gone' },
        absent: { dockerfile: 'absent' },
        above: { contexts: { base: { kind: 'target', target: 'bad' } } },
      }),
    );
    expect(keyed.map(({ leg }) => leg.name)).toEqual(['good@linux/amd64', 'good@linux/arm64']);
    expect(failed.map(({ leg, error }) => [leg.name, (error as { code: string }).code])).toEqual([
      ['bad@linux/amd64', 'dockerfile.syntax'],
      ['gone@linux/amd64', 'dockerfile.source'],
      ['absent@linux/amd64', 'inputs.missing'],
      ['above@linux/amd64', 'inputs.depends'],
    ]);
  });

  test('the key of what a target builds on is in its own; a circle is named', async () => {
    using repository = await testRepository();
    const files = {
      base: 'FROM scratch\nCOPY one /\nENV DIR=two\n',
      top: 'FROM base\nCOPY $DIR /\n',
      one: '1',
      two: '2',
    };
    await repository.commit(files);
    const family = familyIn(repository.path, {
      top: { dockerfile: 'top', contexts: { base: { kind: 'target', target: 'base' } } },
      base: { dockerfile: 'base' },
      x: { dockerfile: 'top', contexts: { base: { kind: 'target', target: 'y' } } },
      y: { dockerfile: 'top', contexts: { base: { kind: 'target', target: 'x' } } },
    });
    const before = await keyFamily(family);
    expect(before.keyed.map(({ leg }) => leg.target.name)).toEqual(['top', 'base']);
    const [top] = before.keyed;
    expect(paths(top?.inputs.context as ReadableTree)).toEqual(['two']);
    expect(before.failed.map(({ error }) => String(error))).toEqual([
      expect.stringContaining('x → y → x'),
      expect.stringContaining('y → x → y'),
    ]);
    await repository.commit({ one: 'changed' });
    const after = await keyFamily(family);
    expect(after.keyed[0]?.key).not.toBe(top?.key);
  });

  test('a file that is not committed is an error with its name; as it stands on disk it is keyed', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM scratch\nCOPY src /src\n', 'src/a': 'a', '.gitignore': '*.o\n' });
    repository.write({ 'src/left.o': 'left lying about', elsewhere: 'not taken' });
    const family = familyIn(repository.path, { api: {} });
    await expect(keyOne(family)).rejects.toMatchObject({
      code: 'inputs.untracked',
      message: expect.stringContaining('src/left.o'),
    });
    const clean = await keyOne(family, { revision: 'HEAD' });
    const dirty = await keyOne(family, { tree: 'worktree' });
    expect(paths(dirty.inputs.context)).toEqual(['src/a', 'src/left.o']);
    expect(dirty.inputs.dirty).toBe(true);
    expect(clean.key).not.toBe(dirty.key);
    repository.remove('src/left.o');
    const same = await keyOne(family, { tree: 'worktree' });
    expect(same).toMatchObject({ key: clean.key, inputs: { dirty: false } });
  });

  test('outside of Git only the files on disk can be keyed', async () => {
    using repository = await testRepository();
    repository.write({ Dockerfile: 'FROM scratch\nCOPY x /\n', x: 'x' });
    repository.remove('.git');
    const family = familyIn(repository.path, { api: {} });
    await expect(keyOne(family)).rejects.toMatchObject({ code: 'inputs.repository' });
    expect((await keyOne(family, { tree: 'worktree' })).inputs.dirty).toBe(true);
  });

  test('a family below the top of its repository, with a context above it', async () => {
    using repository = await testRepository();
    await repository.commit({ 'docker/Dockerfile': 'FROM scratch\nCOPY lib /\n', 'lib/x': 'x', 'docker/y': 'y' });
    const { inputs } = await keyOne(familyIn(`${repository.path}/docker`, { api: { context: '..' } }));
    expect(paths(inputs.context)).toEqual(['lib/x']);
    const outside = familyIn(`${repository.path}/docker`, { api: { context: '../..' } });
    await expect(keyOne(outside)).rejects.toMatchObject({ code: 'inputs.outside' });
  });

  test('a named folder has its own ignore file and its own files', async () => {
    using repository = await testRepository();
    await repository.commit({
      Dockerfile: 'FROM scratch\nCOPY --from=lib . /lib\n',
      '.dockerignore': 'x\n',
      'libs/one/x': 'x',
      'libs/one/y': 'y',
      'libs/one/.dockerignore': 'y\n.dockerignore\n',
    });
    const family = familyIn(repository.path, { api: { contexts: { lib: { kind: 'folder', path: 'libs/one' } } } });
    const { inputs } = await keyOne(family);
    expect(paths(inputs.context)).toEqual([]);
    expect(paths(inputs.folders.get('lib') as ReadableTree)).toEqual(['x']);
  });

  test('what ADD fetches without a checksum is said to be undecided', async () => {
    using repository = await testRepository();
    const sum = `sha256:${'0'.repeat(64)}`;
    await repository.commit({
      Dockerfile: `FROM scratch\nADD https://one.test/a /\nADD --checksum=${sum} https://two.test/b /\n`,
    });
    const { inputs } = await keyOne(familyIn(repository.path, { api: {} }));
    expect(inputs.undecided).toEqual([expect.stringMatching(/^line 2: .*one\.test/)]);
  });

  test('a submodule that is taken and not checked out is an error with its name', async () => {
    using repository = await testRepository();
    using inner = await testRepository();
    await inner.commit({ x: 'x' });
    await repository.commit({ Dockerfile: 'FROM scratch\nCOPY lib /\n' });
    await repository.git('submodule', '--quiet', 'add', inner.path, 'lib/inner');
    await repository.commit();
    const family = familyIn(repository.path, { api: {} });
    expect(paths((await keyOne(family)).inputs.context)).toEqual(['lib/inner/x']);
    await repository.git('submodule', '--quiet', 'deinit', '-f', 'lib/inner');
    await expect(keyOne(family)).rejects.toMatchObject({
      code: 'inputs.submodule',
      message: expect.stringContaining('lib/inner'),
    });
  });
});
