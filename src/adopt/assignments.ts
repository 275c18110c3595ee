/** A target's fields taken apart: one assignment for each field, and for each entry of a map that `inherits` joins. */

/** Fields as they are written in fanfold.yaml. */
export type Fields = Readonly<Record<string, unknown>>;

/** A field (or an entry of a map) and its value. Two are the same if their ids are equal. */
export interface Assignment {
  readonly id: string;
  /** `args`, `BACKEND`. */
  readonly path: readonly string[];
  readonly value: unknown;
}

/** Maps whose entries are joined with those that a target inherits, and how deep. */
const depths: Readonly<Record<string, number>> = {
  args: 1,
  labels: 1,
  annotations: 1,
  contexts: 1,
  attestations: 1,
  'per-platform': 3,
};

/** The assignments that `fields` are made of, in their order. */
export function assignmentsOf(fields: Fields): readonly Assignment[] {
  return Object.entries(fields).flatMap(([key, value]) => takeApart([key], value, depths[key] ?? 0));
}

/** An assignment. */
export function assignment(path: readonly string[], value: unknown): Assignment {
  return { id: JSON.stringify([path, value]), path, value };
}

function takeApart(path: readonly string[], value: unknown, depth: number): readonly Assignment[] {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (depth === 0 || !isMap || Object.keys(value).length === 0) {
    return [assignment(path, value)];
  }
  return Object.entries(value).flatMap(([key, inner]) => takeApart([...path, key], inner, depth - 1));
}

/** The fields that `assignments` make. */
export function fieldsOf(assignments: readonly Pick<Assignment, 'path' | 'value'>[]): Fields {
  const fields: Record<string, unknown> = {};
  for (const { path, value } of assignments) put(fields, path, value);
  return fields;
}

function put(into: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
    return;
  }
  const inner = into[key];
  const map: Record<string, unknown> = typeof inner === 'object' && inner !== null ? { ...inner } : {};
  put(map, rest, value);
  into[key] = map;
}
