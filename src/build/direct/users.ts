/** Owners: --chown and USER to numbers, by the stage's own /etc/passwd and /etc/group. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Folder, Owner } from './node.ts';
import { readText } from './open-content.ts';
import { fileAt } from './rootfs.ts';

const maxUsersBytes = 4 * 1024 * 1024;

/**
 * The owner that `user`, `user:group` or their numbers name. As in BuildKit a number alone is user and group, a name alone brings its own group,
 * a user that the files do not have is root, and a group that they do not have changes nothing. `root` is the stage; undefined where there is
 * none yet, and then names cannot be.
 * @throws FanfoldError `build.instruction` where a name is given and there are no files to find it in
 */
export async function resolveOwner(text: string, root: Folder | undefined): Promise<Owner> {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? undefined : text.slice(colon + 1);
  const owner = numberOf(user) ?? (await findUser(user, root));
  const base = typeof owner === 'number' ? { uid: owner, gid: owner } : owner;
  if (group === undefined) return base;
  return { uid: base.uid, gid: numberOf(group) ?? (await findGroup(group, root)) ?? base.gid };
}

function numberOf(text: string): number | undefined {
  return /^\d+$/.test(text) && Number(text) <= 0xffffffff ? Number(text) : undefined;
}

async function findUser(name: string, root: Folder | undefined): Promise<Owner> {
  for (const [user, , uid, gid] of await linesOf('etc/passwd', name, root)) {
    if (user === name) return { uid: Number(uid) || 0, gid: Number(gid) || 0 };
  }
  return { uid: 0, gid: 0 };
}

async function findGroup(name: string, root: Folder | undefined): Promise<number | undefined> {
  for (const [group, , gid] of await linesOf('etc/group', name, root)) {
    if (group === name) return Number(gid) || 0;
  }
  return undefined;
}

async function linesOf(path: string, name: string, root: Folder | undefined): Promise<readonly string[][]> {
  if (root === undefined) {
    throw new FanfoldError(
      'build.instruction',
      `${JSON.stringify(name)} cannot be looked up: there is no /${path} to find it in`,
      {
        hint: 'write the number, or leave --link away',
      },
    );
  }
  const file = fileAt(root, path);
  if (file === undefined) return [];
  const text = await readText(file.content, maxUsersBytes);
  return text.split('\n').map((line) => line.trim().split(':'));
}
