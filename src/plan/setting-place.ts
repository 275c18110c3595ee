/** Where a target's setting stands in the configuration. */
import { relative } from 'node:path';
import type { Place } from '../base/errors/error.ts';
import type { Family, Target } from '../source/project/model.ts';
import { nodeAt, type Path, placeOfKey } from '../source/project/source.ts';
import { readYaml } from '../source/project/yaml.ts';

/** The place of a target's field (`args`, `X`); of the target itself where it does not say it, and neither does the top. */
export type SettingPlace = (target: Target, field: Path) => Place;

/** Places in the text of a family's configuration, files by their paths from its root. */
export function settingPlaces({ file, root }: Pick<Family, 'file' | 'root'>, text: string): SettingPlace {
  const source = readYaml(text, file);
  const own = ({ file: written, ...place }: Place): Place => ({
    ...place,
    ...(written === undefined ? {} : { file: relative(root, written) }),
  });
  return (target, field) => {
    const inTarget = ['targets', target.name, ...field];
    for (const path of [inTarget, field]) {
      if (nodeAt(source.root, path) !== undefined) return own(placeOfKey(source, path));
    }
    return own(target.place);
  };
}
