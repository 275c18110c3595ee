/** A mistake as people see it: what, where, the line, and the way out. */
import { type Diagnostic, DiagnosticsError } from '../base/errors/diagnostic.ts';
import { isFanfoldError, messageOf, type Place } from '../base/errors/error.ts';
import { printable, type Style } from './style.ts';

/** Anything thrown, as text without a last line end. `textOf` gives a file's text for its code frame, where it is at hand. */
export function describeError(error: unknown, style: Style, textOf: (file: string) => string | undefined): string {
  if (error instanceof DiagnosticsError) {
    return error.diagnostics.map((diagnostic) => describeDiagnostic(diagnostic, style, textOf)).join('\n');
  }
  if (!isFanfoldError(error)) return `${style.red('error')}: ${printable(messageOf(error))}`;
  const { code, message, place, hint } = error;
  return describeDiagnostic(
    { code, severity: 'error', message, place, ...(hint === undefined ? {} : { hint }) },
    style,
    textOf,
  );
}

/** One diagnostic: a headline, its place with the line of the file, and the hint. */
export function describeDiagnostic(
  diagnostic: Diagnostic,
  style: Style,
  textOf: (file: string) => string | undefined,
): string {
  const { severity, code, message, place, hint } = diagnostic;
  const word = severity === 'error' ? style.red('error') : style.yellow('warning');
  const where = describePlace(place);
  const frame = place.file === undefined ? undefined : codeFrame(textOf(place.file), place);
  return [
    `${word} ${style.dim(`[${code}]`)}: ${printable(message)}`,
    ...(where === '' ? [] : [`  ${style.dim('at')} ${printable(where)}`]),
    ...(frame === undefined ? [] : [style.dim(frame)]),
    ...(hint === undefined ? [] : [`  ${style.cyan('hint')}: ${printable(hint)}`]),
  ].join('\n');
}

function describePlace(place: Place): string {
  const position = [place.line, place.column].filter((part) => part !== undefined).join(':');
  const file = place.file === undefined ? '' : `${place.file}${position === '' ? '' : `:${position}`}`;
  const named = [
    place.target === undefined ? '' : `target ${place.target}`,
    place.platform === undefined ? '' : `platform ${place.platform}`,
    place.repository ?? place.registry ?? '',
    place.digest ?? '',
  ];
  return [file, ...named].filter((part) => part !== '').join(', ');
}

/** The line of a place with one before it, numbered, and a caret under the column. */
export function codeFrame(text: string | undefined, place: Place): string | undefined {
  if (text === undefined || place.line === undefined) return undefined;
  const lines = text.split(/\r?\n/);
  if (place.line > lines.length) return undefined;
  const first = Math.max(1, place.line - 1);
  const width = String(place.line).length;
  const shown = lines
    .slice(first - 1, place.line)
    .map((line, offset) => `  ${String(first + offset).padStart(width)} | ${printable(line).slice(0, 160)}`);
  const caret =
    place.column === undefined || place.column > 160
      ? []
      : [`  ${' '.repeat(width)} | ${' '.repeat(place.column - 1)}^`];
  return [...shown, ...caret].join('\n');
}
