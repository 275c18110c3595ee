// A family in a real repository, compared with what it was: what `plan --since` does, without the command line.
import { nodeHost } from '../../src/base/host/host.ts';
import { type Comparison, compareFamily, isAffected } from '../../src/plan/changed.ts';
import { settingPlaces } from '../../src/plan/setting-place.ts';
import { familyBefore, offline } from '../../src/plan/since.ts';
import { type KeyedFamily, keyLegs } from '../../src/source/inputs/key-legs.ts';
import { loadFamily } from '../../src/source/project/load.ts';
import type { Family } from '../../src/source/project/model.ts';

/** The family of a folder; its mistakes are thrown. */
export async function familyOf(root: string): Promise<Family> {
  const { family, diagnostics } = await loadFamily(root, nodeHost());
  if (family === undefined) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  return family;
}

/** Its keys as committed, bases as written. */
export async function keysOf(family: Family, revision?: string): Promise<KeyedFamily> {
  return await keyLegs(family, { tree: 'head', ...offline, ...(revision && { revision }) }, nodeHost());
}

/** A family against a revision of its repository. */
export async function compareSince(root: string, revision: string): Promise<Comparison> {
  const family = await familyOf(root);
  const before = await familyBefore(family, revision, nodeHost(), () => true);
  const { keyed, failed } = await keysOf(family);
  const text = await nodeHost().files.readText(family.file, 1 << 20);
  return compareFamily(
    before,
    { targets: family.targets, keyed, unkeyed: failed },
    { setting: settingPlaces(family, text) },
  );
}

/** The names of the affected legs. */
export function affectedIn({ legs }: Comparison): readonly string[] {
  return legs.filter(isAffected).map(({ keyed }) => keyed.leg.name);
}
