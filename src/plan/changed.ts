/** What a change affects: the legs whose key is another one than before, each with what decides it. */
import { messageOf } from '../base/errors/error.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Target } from '../source/project/model.ts';
import type { InputChange } from './input-change.ts';
import { keyDifference, type Places } from './key-difference.ts';
import type { UnkeyedLeg } from './planned.ts';
import { describeNothingBefore, type FamilyBefore } from './since.ts';

/** What became of a leg. A leg that has a key of before is not affected, whatever it was called then. */
export type ComparedLeg =
  | {
      readonly kind: 'same';
      readonly keyed: KeyedLeg /** Its name then, where it was another one. */;
      readonly was?: string;
    }
  | { readonly kind: 'changed'; readonly keyed: KeyedLeg; readonly changes: readonly InputChange[] }
  | { readonly kind: 'new'; readonly keyed: KeyedLeg }
  /** Its key is the same, and each build may give another image, in words. */
  | { readonly kind: 'moving'; readonly keyed: KeyedLeg; readonly why: string }
  /** Nothing is known of it before, in words. */
  | { readonly kind: 'unknown'; readonly keyed: KeyedLeg; readonly why: string };

/** A family against what it was. */
export interface Comparison {
  readonly before: FamilyBefore;
  readonly legs: readonly ComparedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  readonly newTargets: readonly string[];
  readonly removedTargets: readonly string[];
  /** Of targets that are still there: their images have a platform less. */
  readonly removedLegs: readonly string[];
}

/** Compares a family's legs with those of before; `targets` are all that were asked for. */
export function compareFamily(
  before: FamilyBefore,
  now: {
    readonly targets: readonly Target[];
    readonly keyed: readonly KeyedLeg[];
    readonly unkeyed: readonly UnkeyedLeg[];
  },
  places: Places,
): Comparison {
  const byName = new Map(before.keyed.map((keyed) => [keyed.leg.name, keyed]));
  const byKey = new Map(before.keyed.map((keyed) => [keyed.key, keyed]));
  const failed = new Map(before.failed.map(({ leg, error }) => [leg.name, messageOf(error)]));
  const nothing = describeNothingBefore(before);
  const compare = (keyed: KeyedLeg): ComparedLeg => {
    const { name } = keyed.leg;
    const then = byName.get(name);
    const same = then?.key === keyed.key ? then : byKey.get(keyed.key);
    const [why] = keyed.inputs.moving;
    if (same !== undefined && why !== undefined) return { kind: 'moving', keyed, why };
    if (same !== undefined) return { kind: 'same', keyed, ...(same.leg.name === name ? {} : { was: same.leg.name }) };
    if (then !== undefined) return { kind: 'changed', keyed, changes: keyDifference(then, keyed, places) };
    const unknown = nothing ?? (failed.has(name) ? `it had no key: ${failed.get(name)}` : undefined);
    return unknown === undefined ? { kind: 'new', keyed } : { kind: 'unknown', keyed, why: unknown };
  };
  const legsThen = [...before.keyed, ...before.failed].map(({ leg }) => leg);
  const old = new Set(legsThen.map(({ target }) => target.name));
  const legsNow = new Set([...now.keyed, ...now.unkeyed].map(({ leg }) => leg.name));
  const current = new Set(now.targets.map(({ name }) => name));
  return {
    before,
    legs: now.keyed.map(compare),
    unkeyed: now.unkeyed,
    newTargets: nothing === undefined ? [...current].filter((name) => !old.has(name)) : [],
    removedTargets: [...old].filter((name) => !current.has(name)),
    removedLegs: legsThen.flatMap(({ name, target }) => (current.has(target.name) && !legsNow.has(name) ? [name] : [])),
  };
}

/** Whether a leg is to be built anew for what changed. */
export function isAffected({ kind }: ComparedLeg): boolean {
  return kind !== 'same';
}

/** Why a leg is affected or not, as half a sentence; what changed in it is told apart. */
export function describeCompared(leg: ComparedLeg): string {
  switch (leg.kind) {
    case 'same':
      return leg.was === undefined ? 'its key is the same' : `has the key that ${leg.was} had`;
    case 'changed':
      return `${leg.changes.length} of its inputs ${leg.changes.length === 1 ? 'is another one' : 'are other ones'}`;
    case 'moving':
      return `its key is the same, but it is built in every run: ${leg.why}`;
    case 'new':
      return 'it is new';
    case 'unknown':
      return leg.why;
    default:
      return leg satisfies never;
  }
}
