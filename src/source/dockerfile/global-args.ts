/** Where a Dockerfile declares arguments for all of its stages. */

import { readArgs } from './action.ts';
import type { Dockerfile } from './instruction.ts';

/** The line of each ARG before the first FROM, by the argument's name; the last one where it is declared again. */
export function globalArgLines({ instructions, directives }: Dockerfile): ReadonlyMap<string, number> {
  const firstFrom = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const declaring = instructions.slice(0, Math.max(0, firstFrom)).filter(({ keyword }) => keyword === 'ARG');
  return new Map(
    declaring.flatMap((instruction) =>
      readArgs(instruction, directives.escape).map(({ name }) => [name, instruction.place.line] as const),
    ),
  );
}
