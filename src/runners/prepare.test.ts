import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { nodeHost } from '../base/host/host.ts';
import { chooseRemovals, preinstalled } from './preinstalled.ts';
import { type PrepareRequest, prepareDisk } from './prepare.ts';

const gb = 1e9;
const machine = nodeHost();

/** A folder that stands in for the machine's root, with every preinstalled folder and something beside each. */
function standIn(root: string): void {
  for (const { path } of preinstalled) {
    mkdirSync(join(root, path, 'deep/er'), { recursive: true });
    writeFileSync(join(root, path, 'deep/er/file'), 'x');
    writeFileSync(join(root, path, '../beside'), 'x');
  }
}

/** The real machine, whose disk gets `share` of what a folder is expected to hold once it is gone. */
function hostOf(root: string, freeBytes: number, { share = 1, path = '' } = {}) {
  const had = preinstalled.filter((one) => existsSync(join(root, one.path)));
  const gone = () => had.filter((one) => !existsSync(join(root, one.path)));
  return {
    ...machine,
    env: { PATH: `${path}:${process.env['PATH']}` },
    disk: {
      space: async (folder: string) => {
        const space = await machine.disk.space(folder);
        const freed = gone().reduce((sum, { sizeBytes }) => sum + sizeBytes * share, 0);
        return space && { ...space, freeBytes: freeBytes + freed };
      },
    },
  };
}

const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name).sort();
const left = (root: string) => names(preinstalled.filter(({ path }) => existsSync(join(root, path))));

async function prepared(needBytes: number | undefined, more: Partial<PrepareRequest> & { share?: number } = {}) {
  using folder = temporaryFolder('machine');
  const root = folder.path;
  standIn(root);
  const { share = 1, ...request } = more;
  const need = needBytes === undefined ? {} : { needBytes };
  const result = await prepareDisk({ root, folder: root, ...need, ...request }, hostOf(root, 10 * gb, { share }));
  const beside = preinstalled.filter(({ path }) => !existsSync(join(root, path, '../beside')));
  return { result, left: left(root), beside };
}

describe('room on a disk', () => {
  test.for([
    { name: 'enough is free', need: 10 * gb, removed: [] },
    { name: 'a little is missing: what is quick to remove', need: 13 * gb, removed: ['haskell'] },
    { name: 'more is missing: no more than that takes', need: 16 * gb, removed: ['haskell', 'swift'] },
    {
      name: 'nearly all is missing: the slowest last of all',
      need: 27 * gb,
      removed: ['android', 'haskell', 'swift'],
    },
    { name: 'more than there can be: all', need: 90 * gb, removed: names(preinstalled) },
    { name: 'no need is named: all', need: undefined, removed: names(preinstalled) },
    { name: 'what is kept stays', need: 13 * gb, keep: ['haskell'], removed: ['swift'] },
    {
      name: 'it gives less than was expected: more is taken',
      need: 13 * gb,
      share: 0.5,
      removed: ['haskell', 'swift'],
    },
  ] as const)('$name', async ({ need, removed, name: _, ...more }, { expect }) => {
    const { result, left: stays, beside } = await prepared(need, more);
    expect(names(result.removals)).toEqual(removed);
    expect(stays).toEqual(names(preinstalled).filter((one) => !(removed as readonly string[]).includes(one)));
    expect(beside).toEqual([]);
    expect(result.freeBeforeBytes).toBe(10 * gb);
    expect(result.removals.every(({ durationMs }) => durationMs !== undefined)).toBe(true);
  });

  test('a dry run removes nothing, and says what would be free', async ({ expect }) => {
    const { result, left: stays } = await prepared(16 * gb, { dryRun: true });
    expect(names(result.removals)).toEqual(['haskell', 'swift']);
    expect(result.freeBytes).toBe(10 * gb + 3.74e9 + 3.36e9);
    expect(stays).toEqual(names(preinstalled));
  });

  test('a link is followed neither on the way nor at the end nor inside', async ({ expect }) => {
    using folder = temporaryFolder('machine');
    using elsewhere = temporaryFolder('elsewhere');
    const [root, other] = [folder.path, elsewhere.path];
    mkdirSync(join(other, 'swift/deep'), { recursive: true });
    mkdirSync(join(other, 'android'), { recursive: true });
    mkdirSync(join(root, 'usr/local/lib'), { recursive: true });
    mkdirSync(join(root, 'usr/local/.ghcup'), { recursive: true });
    // The way: usr/share is a link. The end: android is one. Inside: one leads out.
    symlinkSync(other, join(root, 'usr/share'));
    symlinkSync(join(other, 'android'), join(root, 'usr/local/lib/android'));
    symlinkSync(join(other, 'swift'), join(root, 'usr/local/.ghcup/out'));
    const result = await prepareDisk({ root, folder: root }, hostOf(root, gb));
    expect(names(result.removals)).toEqual(['haskell']);
    expect([existsSync(join(other, 'swift/deep')), existsSync(join(other, 'android'))]).toEqual([true, true]);
  });

  test('of a disk that cannot be asked is an error', async ({ expect }) => {
    await expect(prepareDisk({ root: '/not/there', folder: '/not/there' }, machine)).rejects.toMatchObject({
      code: 'host.file',
    });
  });
});

describe('a user who is not root', () => {
  /** `id` says who calls; `sudo` writes down what it is asked, and does it or refuses. */
  function programs(folder: string, sudo: string): string {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const write = (name: string, text: string): void => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    write('id', 'echo 1001');
    write('sudo', `printf '%s\\n' "$@" >> ${folder}/asked\n${sudo}`);
    return bin;
  }

  test('asks sudo, which asks nobody, for the very folder', async ({ expect }) => {
    using folder = temporaryFolder('machine');
    const root = join(folder.path, 'root');
    standIn(root);
    const path = programs(folder.path, 'shift 2; exec "$@"');
    await prepareDisk({ root, folder: root, needBytes: 13 * gb }, hostOf(root, 10 * gb, { path }));
    const asked = readFileSync(join(folder.path, 'asked'), 'utf8').trimEnd().split('\n');
    expect(asked).toEqual(['-n', '--', 'rm', '-rf', '--one-file-system', '--', join(root, 'usr/local/.ghcup')]);
    expect(left(root)).not.toContain('haskell');
  });

  test('is told where sudo refuses, and nothing is gone', async ({ expect }) => {
    using folder = temporaryFolder('machine');
    const root = join(folder.path, 'root');
    standIn(root);
    const path = programs(folder.path, 'echo "sudo: a password is required" >&2; exit 1');
    const preparing = prepareDisk({ root, folder: root, needBytes: 13 * gb }, hostOf(root, 10 * gb, { path }));
    await expect(preparing).rejects.toMatchObject({
      code: 'host.program',
      message: expect.stringContaining('a password is required') as string,
      hint: 'run as root, or let this user call sudo without a password',
    });
    expect(left(root)).toEqual(names(preinstalled));
  });
});

test('what is chosen is enough where all is, none of it is needless, and it is in the list', ({ expect }) => {
  fc.assert(
    fc.property(fc.subarray([...preinstalled]), fc.integer({ min: 1, max: 40 }), (present, missing) => {
      const chosen = chooseRemovals(present, missing * gb);
      const sizeOf = (list: typeof chosen): number => list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      expect(present).toEqual(expect.arrayContaining([...chosen]));
      if (sizeOf(present) < missing * gb) {
        expect(chosen).toHaveLength(present.length);
        return;
      }
      expect(sizeOf(chosen)).toBeGreaterThanOrEqual(missing * gb);
      for (const one of chosen) expect(sizeOf(chosen) - one.sizeBytes).toBeLessThan(missing * gb);
    }),
  );
});
