/** Moving a family in: what `sources` read in place, written as a compact fanfold.yaml whose legs are proven equal. */
import { isMap, parseDocument } from 'yaml';
import { throwIfErrors } from '../base/errors/diagnostic.ts';
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { legsOf } from '../source/project/legs.ts';
import { type LoadedFamily, parseFamily, readFamily } from '../source/project/load.ts';
import type { Family } from '../source/project/model.ts';
import type { SourceReader } from '../source/project/source-reader.ts';
import type { SourcedTarget } from '../source/project/sources.ts';
import { assignmentsOf } from './assignments.ts';
import { commentsOf } from './comments.ts';
import { compareLegs, type LegDifference } from './equal-legs.ts';
import { factorBases, factorDefaults } from './factor.ts';
import { findMatrices } from './matrices.ts';
import { writeFamily } from './write-family.ts';

/** What an import came to. */
export interface Imported {
  /** The new fanfold.yaml. */
  readonly text: string;
  readonly legs: number;
  readonly targets: number;
  /** None where it says the same as the sources. */
  readonly differences: readonly LegDifference[];
}

/**
 * Imports the sources of `text`, a fanfold.yaml read as if from `file` (absolute).
 * @throws DiagnosticsError with every mistake in it or its sources; FanfoldError `config.missing` where it has no sources
 */
export async function importFamily(
  text: string,
  file: string,
  reader: SourceReader,
  cancel: Cancel = {},
): Promise<Imported> {
  const read = await readFamily(text, file, reader, cancel);
  throwIfErrors(read.diagnostics);
  const { family, sourced = [] } = read;
  if (family === undefined || sourced.length === 0) {
    throw new FanfoldError('config.missing', 'there are no sources with targets to import', { place: { file } });
  }
  const written = rewrite(text, sourced);
  const again = familyOf(parseFamily(written, file));
  return {
    text: written,
    legs: legsOf(family).length,
    targets: family.targets.length,
    differences: compareLegs(family, again),
  };
}

function familyOf({ family, diagnostics }: LoadedFamily): Pick<Family, 'targets'> {
  throwIfErrors(diagnostics);
  return family ?? { targets: [] };
}

/** `text` with the targets of its sources in the place of its sources. */
function rewrite(text: string, sourced: readonly SourcedTarget[]): string {
  const document = parseDocument(text, { merge: true });
  document.delete('sources');
  const before = document.get('targets');
  const writtenNames = isMap(before) ? before.items.map(({ key }) => String(key)) : [];
  const targets = sourced.map(({ name, fields, entries }) => ({
    name,
    own: assignmentsOf(fields),
    comments: [...new Set(entries.flatMap(commentsOf))],
  }));
  // A default would hold for targets that are written already, too.
  const top = factorDefaults(targets, (path) => writtenNames.length === 0 && !document.hasIn(path));
  const names = [...writtenNames, ...targets.map(({ name }) => name)];
  const written = findMatrices(top.targets, names);
  const keys = [...names, ...written.map(({ key }) => key)];
  return writeFamily(document, { defaults: top.defaults, ...factorBases(written, keys) });
}
