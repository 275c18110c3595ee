import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { type Host, nodeHost } from '../base/host/host.ts';
import type { DiskNeed } from '../runners/needs.ts';
import { createRoomMaker, prepareWhole, type RoomSetting } from './leg-room.ts';

const gb = 1e9;
const hosted = { RUNNER_ENVIRONMENT: 'github-hosted', ImageOS: 'ubuntu24', RUNNER_NAME: 'GitHub Actions 7' };
const folders: Readonly<Record<string, number>> = { 'usr/local/.ghcup': 3.74 * gb, 'usr/share/swift': 3.36 * gb };
const cacheBytes = 2 * gb;

interface Row {
  readonly env?: Readonly<Record<string, string>>;
  readonly prepare?: Partial<RoomSetting['prepare']>;
  readonly ownBuilder?: string;
  readonly container?: boolean;
}

/** A machine of 10 GB of room with two folders to remove, a stand-in for Docker that writes down what it is asked, and a leg. */
async function room(need: DiskNeed | 'whole' | undefined, row: Row) {
  using folder = temporaryFolder('machine');
  const [root, bin] = [join(folder.path, 'root'), join(folder.path, 'bin')];
  for (const path of Object.keys(folders)) mkdirSync(join(root, path), { recursive: true });
  mkdirSync(bin);
  writeFileSync(join(bin, 'docker'), `#!/bin/sh\nif [ "$2" = prune ]; then echo "$*" > ${folder.path}/pruned; fi\n`);
  chmodSync(join(bin, 'docker'), 0o755);
  const pruned = (): boolean => existsSync(join(folder.path, 'pruned'));
  const gone = () => Object.keys(folders).filter((path) => !existsSync(join(root, path)));
  const machine = nodeHost();
  const host: Host = {
    ...machine,
    env: { PATH: `${bin}:${process.env['PATH']}`, ...(row.env ?? hosted) },
    files: {
      ...machine.files,
      kindOf: async (path) =>
        path === '/.dockerenv' ? (row.container === true ? 'file' : undefined) : await machine.files.kindOf(path),
    },
    disk: {
      space: async (path) => {
        const space = await machine.disk.space(path);
        const freed = gone().reduce((sum, one) => sum + (folders[one] ?? 0), pruned() ? cacheBytes : 0);
        return space && { ...space, freeBytes: 10 * gb + freed };
      },
    },
  };
  const keyed = keyedLeg({ target: { name: 'api' } });
  const notes: string[] = [];
  const setting: RoomSetting = {
    root,
    needs: new Map(need === undefined || need === 'whole' ? [] : [[keyed.leg.name, need]]),
    prepare: { when: 'auto', keep: [], ...row.prepare },
    familyRoot: folder.path,
    ...(row.ownBuilder === undefined ? {} : { ownBuilder: row.ownBuilder }),
    note: (line) => notes.push(line),
  };
  const work = need === 'whole' ? prepareWhole(setting, host, {}) : createRoomMaker(setting, host)(keyed, {});
  const error = await work.then(
    () => undefined,
    (problem: unknown) => problem,
  );
  const prune = pruned() ? readFileSync(join(folder.path, 'pruned'), 'utf8').trim() : undefined;
  return { gone: gone().map((path) => path.split('/').at(-1)), prune, notes, error };
}

const declared = (size: number): DiskNeed => ({ bytes: size * gb, leastBytes: size * gb, from: 'declared' });
const measured = (size: number): DiskNeed => ({ bytes: size * 1.2 * gb, leastBytes: size * gb, from: 'measured' });

describe('before a leg, on a hosted runner', () => {
  test('nothing is removed where its need is free, or unknown', async ({ expect }) => {
    expect(await room(declared(10), {})).toMatchObject({ gone: [], notes: [], error: undefined });
    expect(await room(undefined, {})).toMatchObject({ gone: [], notes: [], error: undefined });
  });

  test('as little is removed as it needs, and told', async ({ expect }) => {
    const { gone, notes, error, prune } = await room(declared(12), { ownBuilder: 'own' });
    expect({ gone, error, prune }).toEqual({ gone: ['.ghcup'], error: undefined, prune: undefined });
    expect(notes[0]).toMatch(/^prepared the disk: 13\.7 GB are free, 10 GB were; removed haskell in \d+ s$/);
  });

  test('what it took the last time is a need, too, and a fifth more', async ({ expect }) => {
    expect((await room(measured(8), {})).gone).toEqual([]);
    expect((await room(measured(9), {})).gone).toEqual(['.ghcup']);
  });

  test('what the job’s own builder kept is dropped last; another’s never', async ({ expect }) => {
    const own = await room(declared(18), { ownBuilder: 'fanfold-1' });
    expect(own).toMatchObject({ gone: ['.ghcup', 'swift'], error: undefined });
    expect(own.prune).toBe('buildx prune --builder=fanfold-1 --all --force');
    const other = await room(declared(18), {});
    expect(other.prune).toBeUndefined();
    expect(other.error).toMatchObject({ code: 'run.disk' });
  });

  test('a need that cannot be met ends the leg before it is built, with the way out', async ({ expect }) => {
    const { error } = await room(declared(60), {});
    expect(error).toMatchObject({
      code: 'run.disk',
      message: expect.stringContaining(
        'needs 60 GB of disk, and GitHub Actions 7 has 17.1 GB free with nothing left to remove',
      ) as string,
      place: { target: 'api' },
      hint: expect.stringContaining('larger runner') as string,
    });
    // What it took the last time it may just take again.
    expect(await room(measured(16), {})).toMatchObject({
      error: undefined,
      notes: [expect.any(String), expect.stringMatching(/took 16 GB of disk the last time, and 17\.1 GB are free$/)],
    });
  });

  test('`never` removes nothing, `keep` keeps, and the whole is removed before all where it is asked', async ({
    expect,
  }) => {
    expect(await room(declared(12), { prepare: { when: 'never' } })).toMatchObject({
      gone: [],
      error: { code: 'run.disk' },
    });
    expect((await room(declared(12), { prepare: { keep: ['haskell'] } })).gone).toEqual(['swift']);
    expect((await room('whole', {})).gone).toEqual(['.ghcup', 'swift']);
  });
});

describe('nothing is ever removed', () => {
  test.for([
    { name: 'on a machine of one’s own', env: { ...hosted, RUNNER_ENVIRONMENT: 'self-hosted' } },
    { name: 'where GitHub says nothing', env: {} },
    { name: 'where no image of GitHub’s is', env: { RUNNER_ENVIRONMENT: 'github-hosted' } },
    { name: 'on macOS', env: { ...hosted, ImageOS: 'macos15' } },
    { name: 'in a container of a job', env: hosted, container: true },
  ])('$name', async (row, { expect }) => {
    const { gone, notes, error } = await room(declared(60), row);
    expect({ gone, error }).toEqual({ gone: [], error: undefined });
    expect(notes.join()).toContain('needs 60 GB of disk, and 10 GB are free');
    expect((await room('whole', row)).gone).toEqual([]);
  });
});
