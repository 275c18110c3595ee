// What was keyed is what is built: equal keys have equal contexts on every machine, and nothing that an earlier step left gets in.
import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import { writeContext } from '../../src/source/inputs/context.ts';
import { withGenerated } from '../../src/source/inputs/generated.ts';
import { keyLegs } from '../../src/source/inputs/key-legs.ts';
import type { KeyedLeg } from '../../src/source/inputs/leg-inputs.ts';
import { writeBase } from '../support/base-image.ts';
import { buildDirectly } from '../support/direct-build.ts';
import { familyIn, keyOne, type TargetSpec } from '../support/keyed-family.ts';
import { type TestRepository, testRepository } from '../support/repository.ts';
import { runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Everything that a layer could hold of a folder: path, mode, time, content. */
function listing(root: string, folder = ''): readonly (readonly unknown[])[] {
  const names = readdirSync(join(root, folder)).sort();
  return names.flatMap((name) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    const found = lstatSync(join(root, path));
    const seen = [path, found.mode.toString(8), found.mtimeMs];
    if (found.isSymbolicLink()) return [[...seen, readlinkSync(join(root, path))]];
    if (found.isDirectory()) return [seen, ...listing(root, path)];
    return [[...seen, readFileSync(join(root, path)).toString('base64')]];
  });
}

/** Keys the family in a checkout and writes its context under a umask. */
async function contextOf(root: string, umask: number, home: string, target: TargetSpec = {}) {
  using folder = temporaryFolder('context');
  const host = { ...nodeHost(), env: { ...nodeHost().env, HOME: home, GIT_CONFIG_GLOBAL: join(home, '.gitconfig') } };
  const before = process.umask(umask);
  try {
    const family = familyIn(root, { app: target });
    const { keyed, failed } = await keyLegs(family, { tree: 'head', open: async () => memoryStore() }, host);
    const leg = keyed[0];
    if (leg === undefined) throw failed[0]?.error;
    await writeContext(leg.inputs.context, join(folder.path, 'made'), host);
    return { leg, key: leg.key, listing: listing(join(folder.path, 'made')), image: await buildDirectly(leg) };
  } finally {
    process.umask(before);
  }
}

const files = {
  Dockerfile: 'FROM scratch\nCOPY . /all\n',
  '.dockerignore': 'Dockerfile\n.git*\n.dockerignore\n',
  '.gitattributes': 'dropped export-ignore\nstamp export-subst\n*.txt text eol=crlf\n*.flt filter=spoil\n',
  '.gitignore': 'dist/\n*.o\n',
  dropped: 'a git archive has no such file\n',
  stamp: '$Format:%H$\n',
  'a.txt': 'one\ntwo\n',
  'b.flt': 'a filter would spoil this\n',
  plain: 'line\nline\n',
  run: { bytes: '#!/bin/sh\n', executable: true as const },
  out: { link: '/etc/hostname' },
};

/** A clone as another machine would have it. */
async function cloneOf(repository: TestRepository, folder: string, config: string, umask: number): Promise<void> {
  writeFileSync(join(folder, '.gitconfig'), config);
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const before = process.umask(umask);
  try {
    await runOk('git', ['clone', '-q', repository.path, join(folder, 'clone')], { env });
  } finally {
    process.umask(before);
  }
}

test('two machines with another umask, line ends, filters and times have equal keys, contexts and images', async () => {
  using repository = await testRepository();
  using one = temporaryFolder('machine');
  using other = temporaryFolder('machine');
  await repository.commit(files);
  await cloneOf(repository, one.path, '', 0o022);
  const spoil = '[core]\n\tautocrlf = true\n[filter "spoil"]\n\tsmudge = tr a-z A-Z\n\tclean = tr A-Z a-z\n';
  await cloneOf(repository, other.path, spoil, 0o077);
  const clone = join(other.path, 'clone');
  // The two checkouts do differ: else this would show nothing.
  expect(readFileSync(join(clone, 'plain'), 'utf8')).toBe('line\r\nline\r\n');
  expect(readFileSync(join(clone, 'b.flt'), 'utf8')).toBe('A FILTER WOULD SPOIL THIS\r\n');
  expect(lstatSync(join(clone, 'run')).mode & 0o777).toBe(0o700);
  utimesSync(join(clone, 'plain'), 1, 1);
  const left = await contextOf(join(one.path, 'clone'), 0o022, one.path);
  const right = await contextOf(clone, 0o077, other.path);
  expect(right.key).toBe(left.key);
  expect(right.listing).toEqual(left.listing);
  expect(right.image).toBe(left.image);
  const contents = new Map(left.listing.map(([path, mode, , content]) => [path, [mode, content]]));
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  expect(Object.fromEntries(contents)).toEqual({
    dropped: ['100644', base64(files.dropped)],
    stamp: ['100644', base64(files.stamp)],
    'a.txt': ['100644', base64('one\ntwo\n')],
    'b.flt': ['100644', base64(files['b.flt'])],
    plain: ['100644', base64(files.plain)],
    run: ['100755', base64('#!/bin/sh\n')],
    out: ['120777', '/etc/hostname'],
  });
});

test('a folder in which a pattern finds nothing is there, as it is in a plain build', async () => {
  using repository = await testRepository();
  const dockerfile = 'FROM scratch\nCOPY logs/* plain /all/\n';
  await repository.commit({ Dockerfile: dockerfile, '.dockerignore': 'logs/*\n', 'logs/a': 'a', plain: 'plain\n' });
  const keyed = await keyOne(familyIn(repository.path, { app: {} }));
  expect(keyed.inputs.context.children('').map(({ path }) => path)).toEqual(['logs', 'plain']);
  await buildDirectly(keyed);
});

describe('what an earlier step left lying about does not get in', () => {
  const narrow = { ...files, Dockerfile: 'FROM scratch\nCOPY src plain /all/\n', 'src/a': 'a' };

  test('a change of a committed file on disk, its mode and its index flags', async () => {
    using repository = await testRepository();
    await repository.commit(narrow);
    const clean = await contextOf(repository.path, 0o022, repository.path);
    repository.write({ plain: 'changed on disk', 'src/a': { link: '/etc/passwd' } });
    chmodSync(join(repository.path, 'run'), 0o644);
    await repository.git('add', 'plain');
    await repository.git('update-index', '--assume-unchanged', 'src/a');
    const after = await contextOf(repository.path, 0o022, repository.path);
    expect({ key: after.key, listing: after.listing }).toEqual({ key: clean.key, listing: clean.listing });
  });

  test.for([
    { name: 'an untracked file', left: 'src/left' },
    { name: 'an ignored file', left: 'src/left.o' },
    { name: 'a file in an ignored folder', left: 'src/dist/deep/left' },
    { name: 'a file that was only added to the index', left: 'src/added' },
  ])('$name that a COPY would take is an error with its name', async ({ left }, { expect }) => {
    using repository = await testRepository();
    await repository.commit(narrow);
    repository.write({ [left]: 'left', 'elsewhere/left': 'nobody takes this' });
    if (left === 'src/added') await repository.git('add', left);
    await expect(contextOf(repository.path, 0o022, repository.path)).rejects.toMatchObject({
      code: 'inputs.untracked',
      message: expect.stringContaining(left),
    });
  });

  test('what is ignored by .dockerignore, or brought by a command, is no error and is not in', async () => {
    using repository = await testRepository();
    const dockerignore = 'src/dist\n';
    await repository.commit({
      ...narrow,
      '.dockerignore': dockerignore,
      'make.sh': 'mkdir -p src/bin; echo new > src/bin/tool',
    });
    const target: TargetSpec = { generated: [{ paths: ['src/bin'], run: ['sh', 'make.sh'], lock: [] }] };
    const clean = await contextOf(repository.path, 0o022, repository.path, target);
    repository.write({ 'src/dist/left': 'left', 'src/bin/tool': 'old', 'src/bin/more': 'old' });
    const after = await contextOf(repository.path, 0o022, repository.path, target);
    expect({ key: after.key, listing: after.listing }).toEqual({ key: clean.key, listing: clean.listing });
    const family = familyIn(repository.path, { app: target });
    await using context = await withGenerated(after.leg, family, nodeHost());
    expect(context.children('src/bin').map(({ path }) => path)).toEqual(['src/bin/tool']);
    const host = nodeHost();
    using folder = temporaryFolder('context');
    await writeContext(context, join(folder.path, 'made'), host);
    expect(readFileSync(join(folder.path, 'made/src/bin/tool'), 'utf8')).toBe('new\n');
  });
});

describe('what is built is what the key names, even where it changes meanwhile', () => {
  test('a commit that is made after the key', async () => {
    using repository = await testRepository();
    await repository.commit({ ...files, Dockerfile: 'FROM scratch\nCOPY plain /\n' });
    const keyed = await keyOne(familyIn(repository.path, { app: {} }));
    const before = await buildDirectly(keyed);
    await repository.commit({ plain: 'later\n', Dockerfile: 'FROM scratch\nCOPY plain /later\n' });
    expect(await buildDirectly(keyed)).toBe(before);
  });

  test('a file of the work tree that is written after it was keyed is an error', async () => {
    using repository = await testRepository();
    await repository.commit({ ...files, Dockerfile: 'FROM scratch\nCOPY plain /\n' });
    repository.write({ plain: 'keyed' });
    const keyed = await keyOne(familyIn(repository.path, { app: {} }), { tree: 'worktree' });
    repository.write({ plain: 'later' });
    await expect(buildDirectly(keyed)).rejects.toMatchObject({ code: 'git.changed' });
  });

  test("a base's tag that moves after the key", async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base.test/base:1\n' });
    const store = memoryStore();
    await writeBase(store, '1', { 'linux/amd64': { env: ['WHO=keyed'] } });
    const keyed: KeyedLeg = await keyOne(familyIn(repository.path, { app: {} }), { store });
    const before = await buildDirectly(keyed, keyed.inputs.context, store);
    await writeBase(store, '1', { 'linux/amd64': { env: ['WHO=moved'] } });
    expect(await buildDirectly(keyed, keyed.inputs.context, store)).toBe(before);
  });
});
