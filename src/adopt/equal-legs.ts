/** Whether two families have the same legs, wherever they are written. */
import { legsOf } from '../source/project/legs.ts';
import type { Family, Leg } from '../source/project/model.ts';

/** What differs of one leg. */
export interface LegDifference {
  readonly leg: string;
  /** The field, or `leg` where one of the families has no such leg. */
  readonly field: string;
  readonly before: string;
  readonly after: string;
}

/** The differences between the legs of two families, in order of their names. Places are no part of a leg. */
export function compareLegs(before: Pick<Family, 'targets'>, after: Pick<Family, 'targets'>): readonly LegDifference[] {
  const [one, other] = [byName(before), byName(after)];
  const names = [...new Set([...one.keys(), ...other.keys()])].sort();
  return names.flatMap((name) => differences(name, one.get(name), other.get(name)));
}

function byName(family: Pick<Family, 'targets'>): ReadonlyMap<string, Leg> {
  return new Map(legsOf(family).map((leg) => [leg.name, leg]));
}

function differences(name: string, before: Leg | undefined, after: Leg | undefined): readonly LegDifference[] {
  if (before === undefined || after === undefined) {
    const is = (leg: Leg | undefined): string => (leg === undefined ? 'not there' : 'there');
    return [{ leg: name, field: 'leg', before: is(before), after: is(after) }];
  }
  const [one, other] = [fieldsOf(before), fieldsOf(after)];
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((field) => {
    const [was, is] = [one.get(field) ?? 'nothing', other.get(field) ?? 'nothing'];
    return was === is ? [] : [{ leg: name, field, before: was, after: is }];
  });
}

/** Each field as text that is equal where the field is. Platforms count as a set: their order is that of entries. */
function fieldsOf({ target, platform }: Leg): ReadonlyMap<string, string> {
  const { place: _, platforms, ...fields } = target;
  const set = platforms.map(canonical).sort();
  return new Map(
    [...Object.entries({ ...fields, platforms: set, platform })].map(([key, value]) => [key, canonical(value)]),
  );
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    // A tag rule knows its line and column.
    const own = Object.entries(inner).filter(([key]) => !('text' in inner && ['line', 'column'].includes(key)));
    return Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
