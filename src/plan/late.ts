/** Which legs go last: those whose key failed before, and those that build on one. */

/** The names in `failed`, and all that come after one of them; `after` says what each comes after. */
export function lateNames(
  failed: Iterable<string>,
  after: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const late = new Set(failed);
  if (late.size === 0) return late;
  const above = new Map<string, string[]>();
  for (const [name, names] of after) for (const below of names) above.set(below, [...(above.get(below) ?? []), name]);
  for (const name of late) for (const higher of above.get(name) ?? []) late.add(higher);
  return late;
}

/** The late ones behind the others, else in the order given. */
export function lateLast<T>(items: readonly T[], isLate: (item: T) => boolean): readonly T[] {
  return [...items.filter((item) => !isLate(item)), ...items.filter(isLate)];
}
