/** Where a Dockerfile's parser directive stands (Dockerfile reference, "Parser directives"). */
import type { Place } from '../base/errors/error.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { SettingPlace } from './setting-place.ts';

/** The directive's line; for the frontend, the argument BUILDKIT_SYNTAX where that is given: it wins. */
export function directivePlace(
  name: 'syntax' | 'escape',
  { leg, inputs }: Pick<KeyedLeg, 'leg' | 'inputs'>,
  setting: SettingPlace,
): Place {
  if (name === 'syntax' && Object.hasOwn(leg.target.args, 'BUILDKIT_SYNTAX')) {
    return setting(leg.target, ['args', 'BUILDKIT_SYNTAX']);
  }
  const { path, text } = inputs.dockerfile;
  const directive = new RegExp(`^\\s*(?:#|//)\\s*${name}\\s*=`, 'i');
  const index = text.split('\n').findIndex((line) => directive.test(line));
  return { file: path, line: index < 0 ? 1 : index + 1 };
}
