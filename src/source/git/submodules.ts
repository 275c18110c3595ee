/** Submodules of a tree that are checked out here. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Cancel } from '../../base/host/cancel.ts';
import type { GitHost } from './git.ts';
import { countOf, entryAt, type Listing } from './listing.ts';
import { type Commit, commitAt, findRepository, type Repository } from './repository.ts';

/** A submodule whose recorded commit is here. */
export interface Submodule {
  readonly path: string;
  readonly repository: Repository;
  readonly commit: Commit;
}

/** The submodules of a listing whose recorded commits are here; others are left out. */
export async function openSubmodules(
  repository: Repository,
  listing: Listing,
  host: GitHost,
  cancel: Cancel,
): Promise<readonly Submodule[]> {
  const found: Submodule[] = [];
  for (let index = 0; index < countOf(listing); index++) {
    // Only a submodule's mode has `6` in its second place.
    if (listing.bytes[(listing.starts[index] ?? 0) + 1] !== 0x36) continue;
    const { path, id } = entryAt(listing, index);
    // Most submodules are not checked out; a child of git for each would find that out, too.
    if (!existsSync(join(repository.root, path, '.git'))) continue;
    const opened = await findRepository(join(repository.root, path), host, cancel).catch(() => undefined);
    // A folder that is not checked out is still one of the outer repository.
    if (opened === undefined || opened.prefix !== '') continue;
    const commit = await commitAt(opened, id, cancel).catch(() => undefined);
    if (commit !== undefined) found.push({ path, repository: opened, commit });
  }
  return found;
}
