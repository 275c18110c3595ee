/** The nearest valid name for one that was mistyped. */

/**
 * The candidate that `name` was probably meant to be: by edit distance with transpositions, ignoring case,
 * no further than a third of the longer word (at least 1, at most 3 edits).
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const bound = Math.min(3, Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)));
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= bound && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

/** The optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours. */
export function editDistance(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= from.length; row++) {
    const line: number[] = [row];
    rows.push(line);
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const plain = Math.min(at(row - 1, column) + 1, at(row, column - 1) + 1, at(row - 1, column - 1) + same);
      line.push(swapped ? Math.min(plain, at(row - 2, column - 2) + 1) : plain);
    }
  }
  return at(from.length, to.length);
}
