// A strategy's matrix, expanded to its cells as GitHub documents it.

import { isList, isObject, type Json, type JsonObject } from './json.ts';

/** What GitHub takes of one matrix. */
export const maxCells = 256;

/** The strategy of a job, evaluated. */
export interface Strategy {
  /** The values of each job's `matrix` context; undefined: the job has no matrix. */
  readonly cells: readonly JsonObject[] | undefined;
  readonly failFast: boolean;
  /** How many run at once; undefined: as many as there are runners. */
  readonly maxParallel: number | undefined;
}

/** Reads an evaluated `strategy`. Throws for what GitHub refuses: an empty matrix, one over the limit. */
export function expandStrategy(strategy: Json): Strategy {
  if (!isObject(strategy)) return { cells: undefined, failFast: true, maxParallel: undefined };
  const { matrix, 'fail-fast': failFast, 'max-parallel': maxParallel } = strategy;
  return {
    cells: matrix === undefined ? undefined : expandMatrix(matrix),
    failFast: failFast !== false,
    maxParallel: typeof maxParallel === 'number' ? maxParallel : undefined,
  };
}

/** The cells of a matrix, in order: the product of its lists without `exclude`, and `include`. */
export function expandMatrix(matrix: Json): readonly JsonObject[] {
  if (!isObject(matrix)) throw new Error('a matrix must be a mapping');
  const { include, exclude, ...vectors } = matrix;
  const product = combine(vectors).filter(
    (cell) => !objects(exclude, 'exclude').some((wanted) => agrees(wanted, cell)),
  );
  const cells = withIncludes(product, objects(include, 'include'), Object.keys(vectors));
  if (cells.length === 0) throw new Error('matrix must define at least one vector');
  if (cells.length > maxCells) throw new Error(`the matrix has ${cells.length} jobs, and GitHub takes ${maxCells}`);
  return cells;
}

/** The name of a cell where the job's own name holds no expression: its values in brackets. */
export function cellName(name: string, cell: JsonObject | undefined): string {
  if (cell === undefined) return name;
  const words = Object.values(cell).flatMap(scalars);
  return `${name} (${words.join(', ')})`;
}

function scalars(value: Json): readonly string[] {
  if (isList(value)) return value.flatMap(scalars);
  return isObject(value) ? Object.values(value).flatMap(scalars) : [String(value ?? '')];
}

function combine(vectors: JsonObject): readonly JsonObject[] {
  const names = Object.keys(vectors);
  if (names.length === 0) return [];
  return names.reduce<readonly JsonObject[]>(
    (cells, name) => {
      const values = vectors[name];
      if (!isList(values)) throw new Error(`matrix.${name} must be a list`);
      return cells.flatMap((cell) => values.map((value) => ({ ...cell, [name]: value })));
    },
    [{}],
  );
}

function objects(value: Json | undefined, name: string): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  if (!isList(value) || !value.every(isObject)) throw new Error(`matrix.${name} must be a list of mappings`);
  return value;
}

function agrees(wanted: JsonObject, cell: JsonObject): boolean {
  return Object.entries(wanted).every(([name, value]) => JSON.stringify(cell[name]) === JSON.stringify(value));
}

// An entry is added to each combination whose original values it does not contradict, else it is a cell of its own.
function withIncludes(
  product: readonly JsonObject[],
  includes: readonly JsonObject[],
  names: readonly string[],
): readonly JsonObject[] {
  let cells = [...product];
  const more: JsonObject[] = [];
  for (const entry of includes) {
    const original = Object.fromEntries(Object.entries(entry).filter(([name]) => names.includes(name)));
    const fits = product.map((cell) => agrees(original, cell));
    if (!fits.includes(true)) more.push(entry);
    cells = cells.map((cell, place) => (fits[place] ? { ...cell, ...entry } : cell));
  }
  return [...cells, ...more];
}
