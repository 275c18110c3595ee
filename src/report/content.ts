/** Content that was copied ahead of a publication, as text: for a terminal, a log, and a job's summary. */
import { messageOf } from '../base/errors/error.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { ContentOutcome, CopiedTarget } from '../run/content.ts';
import { failed } from './lines.ts';
import { markdownTable, markdownText } from './markdown.ts';
import { printable, type Style } from './style.ts';
import { formatSize } from './table.ts';
import { describeChange } from './texts.ts';

/** A target as it ends: a line for each destination that got something, or could not. */
export function describeCopied({ target, destinations, error }: CopiedTarget, style: Style): readonly string[] {
  if (error !== undefined) return [failed(target, error, style)];
  return destinations.flatMap(({ destination, manifests, problem }) => {
    const where = formatLocation(destination.location);
    if (problem !== undefined && destination.required) return [failed(where, problem, style)];
    if (problem !== undefined)
      return [`${style.yellow('notice')}  ${target}: ${where} is left behind: ${printable(messageOf(problem))}`];
    return manifests.length === 0
      ? []
      : [`${style.green('content')} ${where}: ${countOf(manifests.length, 'manifest')}`];
  });
}

/** All of it at its end: what waits, and a summary. */
export function describeContent({ targets, tally }: ContentOutcome, style: Style): string {
  const waiting = targets.filter(({ waitsFor }) => waitsFor.length > 0);
  const lines = waiting.map(
    ({ target, waitsFor }) => `${style.yellow('waits')}   ${target}: ${waitsFor.join(', ')} not built or tested yet`,
  );
  const bad = targets.filter(isBehind).length;
  const sent = `${countOf(tally.sent, 'blob or manifest', 'blobs and manifests')} (${formatSize(tally.sentBytes)}) sent, ${tally.mounted} mounted`;
  const failures =
    bad === 0
      ? ''
      : `; ${bad} of ${countOf(targets.length, 'target')} not everywhere: publishing brings what is missing`;
  return [...lines, `${sent}${failures}`].join('\n');
}

/** What would be copied, destination by destination. */
export function describeContentToCopy({ targets }: ContentOutcome, style: Style): string {
  const blocks = targets.flatMap(({ target, destinations, error }) => {
    if (error !== undefined) return [failed(target, error, style)];
    const changes = destinations.flatMap(({ destination, manifests, problem }) => {
      const where = formatLocation(destination.location);
      if (problem !== undefined) return [`  ${style.red('?')} ${where}: ${printable(messageOf(problem))}`];
      return manifests.map(
        (manifest) => `  ${style.green('+')} ${describeChange(where, { kind: 'content', manifest })}`,
      );
    });
    return [`${style.bold(target)}${changes.length === 0 ? ': nothing to copy' : ''}`, ...changes];
  });
  return blocks.length === 0 ? 'nothing to copy' : blocks.join('\n');
}

/** More rows than these a summary does not need: every line stands in the log. */
const maxRows = 500;

/** A job's summary in Markdown. */
export function describeContentSummary(title: string, { targets, tally }: ContentOutcome): string {
  const rows = targets.flatMap(({ target, destinations, error }) => [
    ...(error === undefined ? [] : [[target, '', '', messageOf(error)]]),
    ...destinations.flatMap(({ destination, manifests, problem }) =>
      manifests.length === 0 && problem === undefined
        ? []
        : [
            [
              target,
              formatLocation(destination.location),
              String(manifests.length),
              problem === undefined ? '' : messageOf(problem),
            ],
          ],
    ),
  ]);
  const worstFirst = [...rows.filter((row) => row[3] !== ''), ...rows.filter((row) => row[3] === '')];
  const shown = worstFirst.slice(0, maxRows).map((row) => row.map((cell) => markdownText(firstLine(cell))));
  const more = rows.length > maxRows ? ['', `${rows.length - maxRows} more rows are left out here.`] : [];
  return [
    `## ${markdownText(title)}`,
    '',
    `**${tally.sent}** blobs and manifests sent (${formatSize(tally.sentBytes)}), **${tally.mounted}** mounted.`,
    '',
    ...(rows.length === 0
      ? []
      : [...markdownTable(['target', 'destination', 'manifests', 'why not'], shown), ...more, '']),
    '',
  ].join('\n');
}

function isBehind({ error, destinations }: CopiedTarget): boolean {
  return error !== undefined || destinations.some(({ problem }) => problem !== undefined);
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 500);
}

function countOf(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
