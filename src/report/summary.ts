/** A job's summary in Markdown: the first failure first, then targets, legs, what changed where, and when; within what GitHub takes. */
import { isFanfoldError, messageOf } from '../base/errors/error.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import type { Change } from '../plan/difference.ts';
import { describeKept, isNotable } from '../plan/kept-tag.ts';
import type { Plan, PlannedLeg } from '../plan/planned.ts';
import { describeReason } from '../plan/reason.ts';
import type { LegOutcome, RunOutcome, TargetOutcome } from '../run/events.ts';
import { formatDiskSize } from '../source/project/disk-size.ts';
import { cacheCells, cacheHeading, cacheHint } from './cache-worth.ts';
import { describeWaiting } from './lines.ts';
import { markdownBlock, markdownTable, markdownText, shortDigest } from './markdown.ts';
import { formatDuration, formatSize } from './table.ts';
import { type Span, timelineChart } from './timeline.ts';

/** What a job came to. */
export interface Summary {
  readonly title: string;
  readonly plan: Plan;
  /** Absent where nothing was carried out. */
  readonly outcome?: RunOutcome;
  /** The last lines of each leg's log, by its name. */
  readonly tails?: ReadonlyMap<string, readonly string[]>;
  readonly spans?: readonly Span[];
  /** What else is to be said, a line each. */
  readonly notes?: readonly string[];
}

/** GitHub takes 1 MiB of a step; a little less, for bytes of a file system count otherwise nowhere. */
export const maxSummaryBytes = 1_000_000;

/** The summary. What does not fit is left out, rows from the end of the longest part first, and counted. */
export function describeSummary(summary: Summary, maxBytes: number = maxSummaryBytes): string {
  const parts = partsOf(summary).filter(({ rows }) => rows.length > 0);
  let left = maxBytes - byteLength(`## ${markdownText(summary.title)}\n\n`);
  const texts = parts.map((part) => {
    const text = partText(part, left);
    left -= byteLength(text);
    return text;
  });
  return `## ${markdownText(summary.title)}\n\n${texts.join('')}`;
}

/** A part: its rows may be left out one by one, its head and foot belong to it. */
interface Part {
  readonly head: readonly string[];
  readonly rows: readonly string[];
  readonly foot?: readonly string[];
}

function partText({ head, rows, foot = [] }: Part, maxBytes: number): string {
  const frame = byteLength([...head, ...foot, '', ''].join('\n')) + leftOutBytes;
  if (frame > maxBytes) return '';
  let used = frame;
  let count = 0;
  while (count < rows.length && used + byteLength(rows[count] ?? '') + 1 <= maxBytes) {
    used += byteLength(rows[count] ?? '') + 1;
    count += 1;
  }
  const cut = rows.length - count;
  const told =
    cut === 0 ? [] : ['', `${cut} more ${cut === 1 ? 'row is' : 'rows are'} left out here: a summary may hold 1 MiB.`];
  return `${[...head, ...rows.slice(0, count), ...foot, ...told].join('\n')}\n\n`;
}

/** Room for the sentence that tells what is missing. */
const leftOutBytes = 120;

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}

function partsOf(summary: Summary): readonly Part[] {
  const { plan, outcome, notes = [], spans = [] } = summary;
  const chart = timelineChart(spans);
  return [
    ...failuresOf(summary),
    { head: [], rows: [countsLine(plan, outcome)] },
    { head: [], rows: notes.map((note) => `> ${markdownText(note)}\n`) },
    targetsPart(summary),
    legsPart(summary),
    cachesPart(summary),
    changesPart(summary),
    { head: ['### When', ''], rows: chart.length === 0 ? [] : [chart.join('\n')] },
  ];
}

function countsLine(plan: Plan, outcome: RunOutcome | undefined): string {
  if (outcome === undefined) {
    const builds = plan.legs.filter(({ action }) => action === 'build').length;
    const publications = plan.targets.filter(({ action }) => action === 'publish').length;
    return `**${builds}** legs to build, **${plan.legs.length - builds}** to reuse; **${publications}** of ${plan.targets.length} targets to publish.`;
  }
  const legs = [...outcome.legs.values()];
  const targets = [...outcome.targets.values()];
  const count = (all: readonly { readonly kind: string }[], kind: string): number =>
    all.filter((one) => one.kind === kind).length;
  const ofLegs =
    legs.length === 0
      ? []
      : [
          `**${count(legs, 'built')}** legs built, **${count(legs, 'reused')}** reused, **${count(legs, 'failed')}** failed`,
        ];
  const ofTargets =
    targets.length === 0
      ? []
      : [
          `**${count(targets, 'published')}** targets published, **${count(targets, 'unchanged')}** as they were, **${count(targets, 'failed')}** failed`,
        ];
  return `${[...ofLegs, ...ofTargets].join('; ')}.`;
}

interface Failure {
  readonly name: string;
  readonly error: unknown;
}

function failuresIn({ plan, outcome }: Summary): readonly Failure[] {
  const failed = (all: Iterable<readonly [string, LegOutcome | TargetOutcome]>): readonly Failure[] =>
    [...all].flatMap(([name, one]) => (one.kind === 'failed' ? [{ name, error: one.error }] : []));
  if (outcome === undefined) return plan.unkeyed.map(({ leg, error }) => ({ name: leg.name, error }));
  return [...failed(outcome.legs), ...failed(outcome.targets)];
}

function failuresOf(summary: Summary): readonly Part[] {
  const [first, ...others] = failuresIn(summary);
  if (first === undefined) return [];
  const tail = summary.tails?.get(first.name) ?? [];
  return [
    { head: [`### ❌ ${markdownText(first.name)}`, ''], rows: [failureText(first.error), ...lastLines(tail)] },
    {
      head: ['### Failed, too', '', ...markdownTable(['what', 'why'], [])],
      rows: others.map(({ name, error }) => row([markdownText(name), markdownText(firstLine(messageOf(error)))])),
    },
  ];
}

const longestLine = 2000;

function lastLines(lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', markdownBlock(lines.map((line) => line.slice(0, longestLine)))];
}

function failureText(error: unknown): string {
  const message = markdownBlock(messageOf(error).slice(0, 20_000).split('\n'));
  if (!isFanfoldError(error)) return message;
  const { file, line } = error.place;
  const where = file === undefined ? [] : [`at ${markdownText(`${file}${line === undefined ? '' : `:${line}`}`)}`];
  const hint = error.hint === undefined ? [] : [`hint: ${markdownText(error.hint)}`];
  return [message, ...where, ...hint].join('\n\n');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function targetsPart({ plan, outcome }: Summary): Part {
  const rows = plan.targets.map((planned) => {
    const { target, tags, reason } = planned;
    const ended = outcome?.targets.get(target.name);
    const digest =
      ended !== undefined && 'publication' in ended
        ? ended.publication.digest
        : planned.desired?.merged.descriptor.digest;
    return row([
      markdownText(target.name),
      markdownText(target.platforms.map(formatPlatform).join(', ')),
      digest === undefined ? '' : shortDigest(digest),
      markdownText(tags.join(', ')),
      markdownText(ended === undefined ? `${planned.action}: ${describeReason(reason)}` : targetWords(ended)),
    ]);
  });
  return { head: ['### Targets', '', ...markdownTable(['target', 'platforms', 'digest', 'tags', 'what'], [])], rows };
}

function targetWords(ended: TargetOutcome): string {
  switch (ended.kind) {
    case 'built':
      return 'built';
    case 'failed':
      return `failed: ${firstLine(messageOf(ended.error))}`;
    case 'waiting':
      return describeWaiting(ended);
    default: {
      const kept = ended.publication.kept.filter(isNotable).map(describeKept);
      return [ended.kind === 'published' ? 'published' : 'as it was', ...kept].join('; ');
    }
  }
}

function legsPart({ plan, outcome }: Summary): Part {
  const rows = plan.legs.map((planned) => {
    const { name } = planned.keyed.leg;
    const ended = outcome?.legs.get(name);
    const record = ended !== undefined && ended.kind !== 'failed' ? ended.record : recordOf(planned);
    return row([
      markdownText(name),
      legWord(planned, ended),
      record === undefined ? '' : shortDigest(record.manifest.digest),
      record?.sizeBytes === undefined ? '' : formatSize(record.sizeBytes),
      record === undefined ? '' : formatDuration(record.durationMs),
      record?.peakDiskBytes === undefined ? '' : formatDiskSize(record.peakDiskBytes),
      markdownText(`${describeReason(planned.reason)}${record === undefined ? '' : `; ${record.builder}`}`),
    ]);
  });
  return {
    head: ['### Legs', '', ...markdownTable(['leg', '', 'digest', 'size', 'took', 'peak disk', 'why'], [])],
    rows,
  };
}

function recordOf(planned: PlannedLeg): LegRecord | undefined {
  return planned.action === 'reuse' ? planned.record : undefined;
}

function legWord({ action }: PlannedLeg, ended: LegOutcome | undefined): string {
  return ended === undefined ? action : ended.kind;
}

function cachesPart({ outcome }: Summary): Part {
  const cached = [...(outcome?.legs ?? [])].flatMap(([leg, one]) =>
    one.kind === 'built' && one.cache !== undefined ? [{ leg, durationMs: one.durationMs, cache: one.cache }] : [],
  );
  const rows = cached.map((one) => row([markdownText(one.leg), ...cacheCells(one)]));
  const hints = cached.flatMap((one) => cacheHint(one) ?? []).slice(0, hintsMax);
  const foot = hints.flatMap((hint) => ['', `> ${markdownText(hint)}`]);
  return { head: ['### Caches', '', ...markdownTable(['leg', ...cacheHeading], [])], rows, foot };
}

const hintsMax = 20;

function changesPart({ outcome }: Summary): Part {
  const rows = [...(outcome?.targets ?? [])].flatMap(([, target]) =>
    'publication' in target
      ? target.publication.destinations.flatMap(({ destination, changes, problem }) => {
          const where = formatLocation(destination.location);
          const behind =
            problem === undefined
              ? []
              : [row([markdownText(where), 'left behind', markdownText(firstLine(messageOf(problem)))])];
          return [...changes.map((change) => changeRow(where, change)), ...behind];
        })
      : [],
  );
  return { head: ['### Written', '', ...markdownTable(['where', 'what', ''], [])], rows };
}

function changeRow(where: string, change: Change): string {
  switch (change.kind) {
    case 'content':
      return row([markdownText(where), 'image', shortDigest(change.manifest.digest)]);
    case 'index':
      return row([markdownText(where), 'index', shortDigest(change.index.digest)]);
    case 'tag':
      return row([markdownText(where), `tag ${markdownText(change.tag)}`, shortDigest(change.index.digest)]);
    default:
      return change satisfies never;
  }
}
