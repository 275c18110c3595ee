/** A family without anything asked of it: no event, no selection, no network. */
import { throwIfErrors } from '../base/errors/diagnostic.ts';
import { FanfoldError } from '../base/errors/error.ts';
import { describeDiagnostic } from '../report/diagnostics.ts';
import type { Family } from '../source/project/model.ts';
import type { Call } from './command.ts';

/** The family of `file`; of fanfold.yaml here or above where it is undefined. @throws DiagnosticsError with every mistake at once */
export async function loadWhole(
  file: string | undefined,
  { host, signal, output }: Pick<Call<Record<string, never>>, 'host' | 'signal' | 'output'>,
): Promise<Family> {
  const { loadFamily } = await import('../source/project/load.ts');
  const { family, diagnostics } = await loadFamily(file, host, { signal });
  throwIfErrors(diagnostics);
  for (const warning of diagnostics) output.note(describeDiagnostic(warning, output.style, () => undefined));
  if (family === undefined) throw new FanfoldError('config.not-found', 'no fanfold.yaml was found');
  return family;
}
