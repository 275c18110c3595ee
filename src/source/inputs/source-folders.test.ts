import { expect, test } from 'vitest';
import { familyIn, keyOne, type TargetSpec } from '../../../test/support/keyed-family.ts';
import { type FileSpec, testRepository } from '../../../test/support/repository.ts';

const files: Readonly<Record<string, FileSpec>> = {
  Dockerfile: 'FROM scratch\nCOPY . /\n',
  'real/file': 'file',
  link: { link: 'real' },
  'deep/up': { link: '..' },
};

const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const named = (path: string): TargetSpec => ({ context: 'real', contexts: { more: { kind: 'folder', path } } });

test.for<{ name: string; target: TargetSpec; message: RegExp; hint: RegExp }>([
  { name: 'a link', target: { context: 'link' }, message: /link, leads through a symbolic link/, hint: /write real$/ },
  {
    name: 'a path through a link',
    target: { context: 'deep/up/real' },
    message: /deep\/up\/real, leads through a symbolic link/,
    hint: /write real$/,
  },
  { name: 'nothing', target: { context: 'gone' }, message: /gone, is not there/, hint: /committed files/ },
  { name: 'a file', target: { context: 'real/file' }, message: /real\/file, is no folder/, hint: /name a folder/ },
  { name: 'a named one that is a link', target: named('link'), message: /symbolic link/, hint: /write real$/ },
  {
    name: 'a named one that is not there',
    target: named('gone'),
    message: /gone, is not there/,
    hint: /name a folder/,
  },
])('a context that is $name is a mistake, and not an empty folder', async ({ target, message, hint }) => {
  using repository = await testRepository();
  await repository.commit(files);
  await expect(keyOne(familyIn(repository.path, { app: target }))).rejects.toMatchObject({
    code: 'inputs.missing',
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
    place: { line: 1, target: 'app' },
  });
});

test('a context that is not committed is told so', async () => {
  using repository = await testRepository();
  await repository.commit(files);
  repository.write({ 'new/file': 'file' });
  const family = familyIn(repository.path, { app: { context: 'new' } });
  await expect(keyOne(family)).rejects.toMatchObject({
    code: 'inputs.untracked',
    hint: expect.stringMatching(/commit/),
  });
  await expect(keyOne(family, { tree: 'worktree' })).resolves.toBeDefined();
});

test('a context that a command brings need not be committed', async () => {
  using repository = await testRepository();
  await repository.commit({ ...files, 'make.sh': 'mkdir -p out', lock: '1' });
  const generated = [{ paths: ['out'], run: ['sh', 'make.sh'], lock: ['lock'] }];
  await expect(keyOne(familyIn(repository.path, { app: { context: 'out', generated } }))).resolves.toBeDefined();
});

test('what a Dockerfile or an ignore file that is a link leads to makes a leg dirty', async () => {
  using repository = await testRepository();
  await repository.commit({
    'app/Dockerfile': { link: '../common/Dockerfile' },
    'common/Dockerfile': 'FROM scratch\nCOPY file /\n',
    'app/.dockerignore': { link: '../common/ignored' },
    'common/ignored': '*.md\n',
    'app/file': 'file',
  });
  const family = familyIn(repository.path, { app: { context: 'app', dockerfile: 'app/Dockerfile' } });
  const dirty = async () => (await keyOne(family, { tree: 'worktree' })).inputs.dirty;
  expect(await dirty()).toBe(false);
  repository.write({ 'common/ignored': '*.txt\n' });
  expect(await dirty()).toBe(true);
  repository.write({ 'common/ignored': '*.md\n', 'common/Dockerfile': 'FROM scratch\nCOPY file /other\n' });
  expect(await dirty()).toBe(true);
});

test.for<{ name: string; files: Readonly<Record<string, FileSpec>>; place?: { file: string; line: number } }>([
  {
    name: 'of a here-document',
    files: { Dockerfile: latin1("FROM scratch\nCOPY <<'E' /h\nx\xff\nE\n") },
    place: { file: 'Dockerfile', line: 3 },
  },
  {
    name: 'of what looks like a comment in a here-document',
    files: { Dockerfile: latin1("FROM scratch\nCOPY <<'E' /h\n#\xff\nE\n") },
    place: { file: 'Dockerfile', line: 3 },
  },
  {
    name: 'of an ignore file',
    files: { Dockerfile: 'FROM scratch\n', '.dockerignore': latin1('# Jos\xe9\n*.\xff\n') },
    place: { file: '.dockerignore', line: 2 },
  },
  { name: 'of a comment', files: { Dockerfile: latin1('# Jos\xe9\nFROM scratch\n') } },
])('bytes that are not UTF-8 are a mistake where they decide something: $name', async ({ files: own, place }) => {
  using repository = await testRepository();
  await repository.commit(own);
  const keyed = keyOne(familyIn(repository.path, { app: {} }));
  if (place === undefined) await expect(keyed).resolves.toBeDefined();
  else await expect(keyed).rejects.toMatchObject({ code: 'inputs.encoding', place });
});
