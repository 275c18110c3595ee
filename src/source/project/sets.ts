/** `sets`: names to globs of targets, resolved to the targets whose tags move together. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { formatLocation } from '../../content/oci/reference.ts';
import { matchesName } from './match-name.ts';
import type { TagSet, Target } from './model.ts';
import { mistake, type Path, placeOfKey, placeOfValue } from './source.ts';
import type { YamlSource } from './yaml.ts';

/** The sets of a family, in the order of the file. What is wrong goes to `diagnostics`. */
export function tagSets(
  written: Readonly<Record<string, string | readonly string[]>>,
  targets: readonly Target[],
  source: YamlSource,
  diagnostics: Diagnostic[],
): readonly TagSet[] {
  const owner = new Map<string, string>();
  return Object.entries(written).flatMap(([name, globs]): readonly TagSet[] => {
    const list = typeof globs === 'string' ? [globs] : globs;
    const pathOf = (index: number): Path => (typeof globs === 'string' ? ['sets', name] : ['sets', name, index]);
    diagnostics.push(...list.flatMap((glob, index) => unmatched(glob, pathOf(index), targets, source)));
    const members = targets.filter((target) => matchesName(list, target.name));
    diagnostics.push(...members.flatMap((target) => inTwo(target.name, name, owner, source)));
    for (const target of members) owner.set(target.name, name);
    const [first] = members;
    const [destination] = first?.destinations ?? [];
    if (first === undefined || destination === undefined) return [];
    return [
      {
        name,
        place: placeOfKey(source, ['sets', name]),
        targets: members.map((target) => target.name),
        staging: first.staging,
        image: formatLocation(destination.location),
      },
    ];
  });
}

function unmatched(glob: string, path: Path, targets: readonly Target[], source: YamlSource): readonly Diagnostic[] {
  const names = targets.map(({ name }) => name);
  if (targets.length === 0 || names.some((name) => matchesName([glob], name))) return [];
  const near = nearestName(glob, names);
  const hint = near === undefined ? `targets are ${names.slice(0, 20).join(', ')}` : `did you mean ${near}?`;
  return [mistake('config.reference', placeOfValue(source, path), `${JSON.stringify(glob)} matches no target`, hint)];
}

/** Which set would a target wait for? */
function inTwo(
  target: string,
  set: string,
  owner: ReadonlyMap<string, string>,
  source: YamlSource,
): readonly Diagnostic[] {
  const other = owner.get(target);
  if (other === undefined) return [];
  const message = `${target} is in the sets ${other} and ${set}`;
  const hint = 'a target is in one set at the most: make the two one, or narrow the globs of one';
  return [mistake('config.collision', placeOfKey(source, ['sets', set]), message, hint)];
}
