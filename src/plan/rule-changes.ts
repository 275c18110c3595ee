/** Files that differ between two legs though no instruction takes them: those of `shared` rules, and those that decide what commands bring. */
import type { Place } from '../base/errors/error.ts';
import { canonicalJson, type Json } from '../content/oci/json.ts';
import type { KeyDocument } from '../source/inputs/key.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Sides } from './file-changes.ts';
import type { InputChange } from './input-change.ts';
import type { SettingPlace } from './setting-place.ts';

/** The shared files that differ, each with the line of its rule. Paths are from the family's root. */
export function sharedChanges({ before, now }: Sides, setting: SettingPlace): readonly InputChange[] {
  const [old, current] = [before.inputs.shared, now.inputs.shared];
  const text = ({ kind, executable, id }: { kind: string; executable: boolean; id: string }): string =>
    `${kind} ${executable} ${id}`;
  const [were, are] = [old, current].map((files) => new Map(files?.entries.map((entry) => [entry.path, text(entry)])));
  return differences(were ?? none, are ?? none).map(({ name, how }) => {
    const side = how === 'removed' ? before : now;
    return { kind: 'file', how, name, by: sharedRule, place: rulePlace(side, name, setting) };
  });
}

/** What makes a shared file count, in words. */
export const sharedRule = 'a rule of shared';

/** Where the rule stands that names a shared file. */
export function rulePlace(
  { leg, inputs }: Pick<KeyedLeg, 'leg' | 'inputs'>,
  path: string,
  setting: SettingPlace,
): Place {
  const line = inputs.shared?.placeOf(path)?.line;
  return { ...setting(leg.target, ['shared']), ...(line === undefined ? {} : { line }) };
}

const none: ReadonlyMap<string, string> = new Map();

/** One command as a key has it. */
interface Command {
  /** What the command sees as FANFOLD_TARGET. */
  readonly target: string;
  readonly run: readonly string[];
  readonly paths: readonly string[];
  readonly lock: readonly (readonly [path: string, mode: string, id: string])[];
}

/** What differs in the commands that bring files: files that decide, or the commands themselves. */
export function generatedChanges(
  documents: { readonly before: KeyDocument; readonly now: KeyDocument },
  place: Place,
): readonly InputChange[] {
  const [before, now] = [documents.before.generated, documents.now.generated].map((list) => list.map(commandOf));
  const count = Math.max(before?.length ?? 0, now?.length ?? 0);
  return Array.from({ length: count }, (_, index) => [before?.[index], now?.[index]] as const).flatMap(([was, is]) => {
    if (was === undefined || is === undefined || textOf(was) !== textOf(is)) return commandChange(was, is, place);
    const [were, are] = [was, is].map(({ lock }) => new Map(lock.map(([path, mode, id]) => [path, `${mode} ${id}`])));
    const by = `decides what ${is.run.join(' ')} brings`;
    return differences(were ?? none, are ?? none).map(({ name, how }) => ({
      kind: 'file' as const,
      how,
      name,
      by,
      place,
    }));
  });
}

function commandOf(document: Json): Command {
  return document as unknown as Command;
}

function textOf({ target, run, paths }: Command): string {
  return canonicalJson({ target, run, paths });
}

function commandChange(was: Command | undefined, is: Command | undefined, place: Place): readonly InputChange[] {
  const isRenamed = was !== undefined && is !== undefined && was.target !== is.target;
  const text = ({ target, run, paths }: Command): string =>
    `${isRenamed ? `FANFOLD_TARGET=${target} ` : ''}${run.join(' ')} for ${paths.join(', ')}`;
  return [
    {
      kind: 'setting',
      how: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
      name: 'generated',
      ...(was === undefined ? {} : { was: text(was) }),
      ...(is === undefined ? {} : { is: text(is) }),
      place,
    },
  ];
}

function differences(
  were: ReadonlyMap<string, string>,
  are: ReadonlyMap<string, string>,
): readonly Pick<InputChange, 'name' | 'how'>[] {
  const names = [...new Set([...were.keys(), ...are.keys()])].sort();
  return names.flatMap((name) => {
    const [was, is] = [were.get(name), are.get(name)];
    return was === is ? [] : [{ name, how: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed' }];
  });
}
