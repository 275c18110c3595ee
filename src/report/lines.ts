/** A run in plain lines: for logs, pipes and CI. */
import { messageOf } from '../base/errors/error.ts';
import { formatLocation } from '../content/oci/reference.ts';
import { describeKept, isNotable, type KeptTag } from '../plan/kept-tag.ts';
import type { PublicationEvent } from '../publish/publication.ts';
import type { LegOutcome, RunEvent, TargetOutcome } from '../run/events.ts';
import { describeCache } from './cache-worth.ts';
import { describeError } from './diagnostics.ts';
import { printable, type Style } from './style.ts';
import { formatDuration } from './table.ts';

/** The lines of an event, without line ends; none where there is nothing to say. */
export function describeEvent(event: RunEvent, style: Style): readonly string[] {
  switch (event.kind) {
    case 'run-started':
      return [
        `${event.legs.length} ${event.legs.length === 1 ? 'leg' : 'legs'} of ${event.targets.length} ${event.targets.length === 1 ? 'target' : 'targets'}`,
      ];
    case 'leg-started':
      return [`${style.cyan('build')}   ${event.leg} with ${event.builder}: ${event.reason}`];
    case 'leg-log':
      return [`${style.dim(`${event.leg} |`)} ${printable(event.line)}`];
    case 'leg-notice':
      return [`${style.yellow('notice')}  ${event.leg}: ${printable(event.message)}`];
    case 'leg-ended':
      return [describeLegOutcome(event.leg, event.outcome, style)];
    case 'target-changed':
      return describePublicationEvent(event.target, event.event, style);
    case 'target-ended':
      return describeTargetOutcome(event.target, event.outcome, style);
    case 'run-ended':
      return [];
    default:
      return event satisfies never;
  }
}

function describeLegOutcome(leg: string, outcome: LegOutcome, style: Style): string {
  switch (outcome.kind) {
    case 'built':
      return `${style.green('built')}   ${leg} ${outcome.record.manifest.digest} in ${formatDuration(outcome.durationMs)}${cacheWords(outcome)}`;
    case 'reused':
      return `${style.dim('reused')}  ${leg} ${outcome.record.manifest.digest}`;
    case 'failed':
      return failed(leg, outcome.error, style);
    default:
      return outcome satisfies never;
  }
}

function cacheWords({ durationMs, cache }: Extract<LegOutcome, { readonly kind: 'built' }>): string {
  return cache === undefined ? '' : `; ${describeCache({ durationMs, cache })}`;
}

function describePublicationEvent(target: string, event: PublicationEvent, style: Style): readonly string[] {
  if (event.kind === 'kept') return isNotable(event.kept) ? [describeKeptLine(target, event.kept, style)] : [];
  const where = formatLocation(event.destination.location);
  if (event.kind === 'behind') {
    return [`${style.yellow('notice')}  ${target}: ${where} is left behind: ${printable(messageOf(event.problem))}`];
  }
  const { change } = event;
  if (change.kind === 'tag') return [`${style.green('tag')}     ${where}:${change.tag} -> ${change.index.digest}`];
  return change.kind === 'index' ? [`${style.green('index')}   ${where}@${change.index.digest}`] : [];
}

/** For whom a target's tags wait. */
export function describeWaiting({ set, waitsFor }: Extract<TargetOutcome, { readonly kind: 'waiting' }>): string {
  return `its tags move with the set ${set}, which waits for ${waitsFor.join(', ')}`;
}

/** A tag that a run does not take. */
export function describeKeptLine(target: string, kept: KeptTag, style: Style): string {
  return `${style.yellow('kept')}    ${target}: ${printable(describeKept(kept))}`;
}

function describeTargetOutcome(target: string, outcome: TargetOutcome, style: Style): readonly string[] {
  switch (outcome.kind) {
    case 'built':
      return [];
    case 'published':
      return [`${style.green('done')}    ${target} ${outcome.publication.digest}`];
    case 'unchanged':
      return [`${style.dim('as is')}   ${target} ${outcome.publication.digest}`];
    case 'waiting':
      return [`${style.yellow('waits')}   ${target}: ${describeWaiting(outcome)}`];
    case 'failed':
      return [failed(target, outcome.error, style)];
    default:
      return outcome satisfies never;
  }
}

/** A failure with its place and the way out, below the name of what failed. */
export function failed(name: string, error: unknown, style: Style): string {
  return `${style.red('failed')}  ${name}\n${describeError(error, style, () => undefined).replace(/^/gm, '  ')}`;
}
