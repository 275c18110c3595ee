/** Mistakes in tag rules and flavors, as diagnostics with a place in the rules' own text. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';

/** A mistake at a line and column, from 1. */
export function mistake(line: number, column: number, message: string, hint: string): Diagnostic {
  return { code: 'config.tag-rule', severity: 'error', message, place: { line, column }, hint };
}

/** A word that is none of the candidates: the hint is the nearest of them, else all. */
export function unknown(
  line: number,
  column: number,
  message: string,
  name: string,
  candidates: readonly string[],
): Diagnostic {
  const nearest = nearestName(name.slice(0, 64), candidates);
  const hint = nearest === undefined ? `there are ${candidates.join(', ')}` : `did you mean ${nearest}?`;
  return mistake(line, column, message, hint);
}
