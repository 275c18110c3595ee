/** What is made of a Dockerfile's stages, once for all builds whose FROMs read the same values. */
import { mentionedVariables } from './constant.ts';
import type { Instruction } from './instruction.ts';
import { formatStagePlatform } from './platform-args.ts';
import type { ReachOptions } from './reached-stage.ts';

/** A stage as it stands in the file. */
export interface StageGroup {
  readonly from: Instruction;
  readonly body: readonly Instruction[];
}

/** Gives what was made for FROMs that mean the same, or makes it; what was called unsound meanwhile is not kept. */
type StageMemory<T> = (
  groups: readonly StageGroup[],
  globals: ReadonlyMap<string, string>,
  options: ReachOptions,
  make: (unsound: () => void) => T,
) => T;

/** Of one Dockerfile. Thousands of legs that agree in no base would all be held. */
const maxKnown = 1000;

/** A memory, by the list of groups: a Dockerfile that is read once has one. */
export function stageMemory<T extends object>(): StageMemory<T> {
  const all = new WeakMap<readonly StageGroup[], Map<string, T>>();
  return (groups, globals, options, make) => {
    const identity = identityOf(groups, globals, options);
    const known = all.get(groups) ?? new Map<string, T>();
    all.set(groups, known);
    const found = identity === undefined ? undefined : known.get(identity);
    if (found !== undefined) return found;
    let isSound = true;
    const made = make(() => {
      isSound = false;
    });
    if (known.size >= maxKnown) known.clear();
    if (isSound && identity !== undefined) known.set(identity, made);
    return made;
  };
}

/** All that decides what the FROMs mean; undefined where that cannot be told. */
function identityOf(
  groups: readonly StageGroup[],
  globals: ReadonlyMap<string, string>,
  { platform, buildPlatform, contexts }: ReachOptions,
): string | undefined {
  const names = namesOf(groups);
  if (names === undefined) return undefined;
  let identity = `${formatStagePlatform(platform)} ${formatStagePlatform(buildPlatform)}`;
  for (const name of names) {
    const value = globals.get(name);
    identity += value === undefined ? '-' : `=${value.length}:${value}`;
  }
  for (const name of contexts ?? []) identity += ` ${name.length}:${name}`;
  return identity;
}

const knownNames = new WeakMap<readonly StageGroup[], { readonly names: readonly string[] | undefined }>();

/** The variables that FROMs mention. */
function namesOf(groups: readonly StageGroup[]): readonly string[] | undefined {
  const found = knownNames.get(groups) ?? { names: readNames(groups) };
  knownNames.set(groups, found);
  return found.names;
}

function readNames(groups: readonly StageGroup[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { from } of groups) {
    const mentioned = mentionedVariables(from);
    if (mentioned === undefined) return undefined;
    for (const name of mentioned) names.add(name);
  }
  return [...names];
}
