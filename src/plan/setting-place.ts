/** Where a target's setting stands in the configuration. */
import { relative } from 'node:path';
import type { Place } from '../base/errors/error.ts';
import type { Family, Target } from '../source/project/model.ts';
import { childOf, itemsOf, textOf } from '../source/project/nodes.ts';
import { nodeAt, type Path, placeOfKey } from '../source/project/source.ts';
import { readYaml } from '../source/project/yaml.ts';

/**
 * The place of a target's field (`args`, `X`): where the target says it, a platform of its, or what it inherits; else where the top does. Of
 * the target itself where none of them says it.
 */
export type SettingPlace = (target: Target, field: Path) => Place;

/** Places in the text of a family's configuration, files by their paths from its root. */
export function settingPlaces({ file, root }: Pick<Family, 'file' | 'root'>, text: string): SettingPlace {
  const source = readYaml(text, file);
  const targets = nodeAt(source.root, ['targets']);
  const entries = targets?.kind === 'map' ? targets.entries : new Map<string, { readonly keyAt: number }>();
  const own = ({ file: written, ...place }: Place): Place => ({
    ...place,
    ...(written === undefined ? {} : { file: relative(root, written) }),
  });
  /** A matrix makes targets of other names: they stand where it does. */
  const keyOf = (target: Target): string => {
    if (entries.has(target.name)) return target.name;
    const { line } = target.place;
    return [...entries].find(([, { keyAt }]) => source.position(keyAt).line === line)?.[0] ?? target.name;
  };
  /** Of a target and all that it inherits, whose later ones win (Bake's `inherits`). */
  const within = (key: string, target: Target, field: Path, seen: Set<string>): Path | undefined => {
    if (seen.has(key)) return undefined;
    seen.add(key);
    const node = nodeAt(targets, [key]);
    const path = ['targets', key, ...field];
    const ofPlatform = platformWith(node, target, field);
    if (ofPlatform !== undefined) return ['targets', key, 'per-platform', ofPlatform, ...field];
    if (nodeAt(source.root, path) !== undefined) return path;
    for (const parent of itemsOf(childOf(node, 'inherits')).toReversed()) {
      const found = within(textOf(parent) ?? '', target, field, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return (target, field) => {
    const path = within(keyOf(target), target, field, new Set()) ?? field;
    return own(nodeAt(source.root, path) === undefined ? target.place : placeOfKey(source, path));
  };
}

/** The platform below `per-platform` that gives an argument the value that the leg's target has. */
function platformWith(node: ReturnType<typeof nodeAt>, { args }: Target, field: Path): string | undefined {
  const [map, name] = field;
  const platforms = childOf(node, 'per-platform');
  if (map !== 'args' || typeof name !== 'string' || platforms?.kind !== 'map') return undefined;
  const found = [...platforms.entries].find(([, { value }]) => {
    const written = textOf(nodeAt(value, ['args', name]));
    return written !== undefined && written === args[name];
  });
  return found?.[0];
}
