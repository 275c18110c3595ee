/** Explanations as text: of a leg, of a path, of two keys. */
import type { ComparedLeg } from '../plan/changed.ts';
import { describeCompared } from '../plan/changed.ts';
import type { ExplainedInput } from '../plan/explain.ts';
import type { PathExplanation, PathReach } from '../plan/explain-path.ts';
import { describeWhere, type InputChange, shorten } from '../plan/input-change.ts';
import { describeChanges } from './comparison.ts';
import { printableLine, type Style } from './style.ts';
import { formatTable } from './table.ts';

const shownFiles = 3;

/** A leg's inputs as a table: what, which, where it is decided. */
export function describeLegInputs(leg: string, inputs: readonly ExplainedInput[], style: Style): string {
  const rows = inputs.map(({ kind, name, value, files, place }) => [
    `  ${kind}`,
    printableLine(shorten(value === undefined ? name : `${name}: ${value}`)) +
      (files === undefined ? '' : style.dim(describeFiles(files))),
    style.cyan(describeWhere(place)),
  ]);
  return [style.bold(leg), formatTable(rows)].join('\n');
}

function describeFiles(files: readonly string[]): string {
  const more = files.length > shownFiles ? ', ...' : '';
  const names = files.slice(0, shownFiles).map(printableLine).join(', ');
  return ` (${files.length} ${files.length === 1 ? 'file' : 'files'}${names === '' ? '' : `: ${names}`}${more})`;
}

/** What a path reaches: legs by the way that it reaches them. */
export function describePathExplanation(
  { path, isConfiguration, reaches, ignored }: PathExplanation,
  style: Style,
): string {
  const ways = new Map<string, string[]>();
  for (const reach of reaches) {
    const way = describeWay(reach);
    ways.set(way, [...(ways.get(way) ?? []), reach.leg]);
  }
  for (const { leg, line } of ignored) {
    const way = `is left out by ${line.file}:${line.line} ${JSON.stringify(line.pattern)}`;
    ways.set(way, [...(ways.get(way) ?? []), leg]);
  }
  const blocks = [...ways].map(([way, legs]) => `  ${printableLine(way)}: ${legs.join(', ')}`);
  const configuration = isConfiguration
    ? ['  is the configuration: what it says of a target counts in the legs of that target']
    : [];
  const nothing = blocks.length + configuration.length === 0 ? ['  reaches no leg'] : [];
  return [style.bold(printableLine(path)), ...configuration, ...blocks, ...nothing].join('\n');
}

function describeWay({ how, by, place }: PathReach): string {
  const where = describeWhere(place);
  switch (how) {
    case 'dockerfile':
      return `is the Dockerfile (${where}: ${by}) of`;
    case 'ignore file':
      return 'decides what the context holds of';
    case 'shared':
      return 'is shared (a rule of `shared`) by';
    case 'generated':
      return 'decides what a command brings for';
    case 'files':
      return `is taken by ${where} ${shorten(by)}`;
    case 'everything':
      return `counts because all of the context does (${by})`;
    case 'target':
      return `comes in through ${by} to`;
    default:
      return how satisfies never;
  }
}

/** What became of a leg, with each change. */
export function describeLegChange(compared: ComparedLeg, since: string): string {
  const lines = compared.kind === 'changed' ? describeChanges(compared.changes, Number.POSITIVE_INFINITY) : [];
  return [`since ${since}: ${describeCompared(compared)}`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** What two keys differ in. */
export function describeKeyDifference(changes: readonly InputChange[]): string {
  if (changes.length === 0) return 'the keys are equal';
  return describeChanges(changes, Number.POSITIVE_INFINITY).join('\n');
}
