/** Mistakes as annotations, at their file and line. */
import { isAbsolute, join, relative } from 'node:path';
import { type Diagnostic, DiagnosticsError } from '../base/errors/diagnostic.ts';
import { isFanfoldError, messageOf, type Place } from '../base/errors/error.ts';
import { BuildFailure } from '../build/build-failure.ts';
import type { Job } from './job.ts';

/** More than these of one step the service does not show. */
export const maxAnnotations = 10;

/**
 * Annotates what is wrong, at most `atMost` mistakes. `root` is the folder that relative places are in.
 * @returns how many there are now
 */
export function annotateError(
  error: unknown,
  root: string,
  { log, host }: Pick<Job, 'log' | 'host'>,
  atMost = maxAnnotations,
): number {
  const workspace = host.env['GITHUB_WORKSPACE'] ?? host.cwd;
  const shown = mistakesIn(error).slice(0, atMost);
  for (const { severity, code, message, place, hint } of shown) {
    const { line, column } = place;
    const properties = { title: code, file: fileOf(place, root, workspace), line, col: column };
    log.annotate(severity, properties, hint === undefined ? message : `${message}\nhint: ${hint}`);
  }
  return shown.length;
}

type Mistake = Pick<Diagnostic, 'severity' | 'message' | 'place' | 'hint'> & { readonly code: string };

function mistakesIn(error: unknown): readonly Mistake[] {
  if (error instanceof DiagnosticsError) return error.diagnostics;
  if (!isFanfoldError(error)) return [{ severity: 'error', code: 'fanfold', message: messageOf(error), place: {} }];
  const { code, message, place, hint } = error;
  const own: Mistake = { severity: 'error', code, message, place, ...(hint === undefined ? {} : { hint }) };
  if (!(error instanceof BuildFailure)) return [own];
  const inFiles = error.mistakes.map(
    ({ message: said, ...where }): Mistake => ({ severity: 'error', code, message: said, place: where }),
  );
  return [own, ...inFiles];
}

/** The file as the service names it, from the workspace; undefined where it is not in it. */
function fileOf({ file }: Place, root: string, workspace: string): string | undefined {
  if (file === undefined) return undefined;
  const way = relative(workspace, isAbsolute(file) ? file : join(root, file));
  return way.startsWith('..') || isAbsolute(way) ? undefined : way;
}
