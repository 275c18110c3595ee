/** What commands return, as text: plans, publications, inspections, verifications. */
import { messageOf } from '../base/errors/error.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { Change } from '../plan/difference.ts';
import { describeKept, isNotable, type KeptTag } from '../plan/kept-tag.ts';
import type { Plan, PlannedSet, PlannedTarget } from '../plan/planned.ts';
import { describeReason } from '../plan/reason.ts';
import type { Inspection } from '../publish/inspect.ts';
import type { Finding } from '../publish/verify.ts';
import { type RunOutcome, type TargetOutcome, tagsGiven } from '../run/events.ts';
import { describeError } from './diagnostics.ts';
import { describeWaiting, failed } from './lines.ts';
import { printable, printableLine, type Style } from './style.ts';
import { formatSize, formatTable } from './table.ts';

/** A plan: each leg with what happens and why, then each target. */
export function describePlan(plan: Plan, style: Style): string {
  const legs = plan.legs.map(({ action, keyed, reason }) => [
    reason.kind === 'untested' ? style.yellow('test') : action === 'build' ? style.yellow(action) : style.dim(action),
    keyed.leg.name,
    keyed.key.slice(0, 12),
    printableLine(describeReason(reason)),
  ]);
  const broken = plan.unkeyed.map(({ leg, error }) => [
    style.red('fail'),
    leg.name,
    '',
    describeError(error, style, () => undefined).replaceAll('\n', ' '),
  ]);
  const targets = plan.targets.flatMap((target) => describePlannedTarget(target, style));
  const doubts = plan.legs.flatMap(({ keyed }) => keyed.inputs.undecided.map((why) => `${keyed.leg.name}: ${why}`));
  return [
    formatTable([...legs, ...broken]),
    '',
    ...targets,
    ...(plan.sets ?? []).map((planned) => describePlannedSet(planned, style)),
    ...describeDeferred(plan.deferred ?? [], style),
    ...(doubts.length === 0
      ? []
      : ['', ...doubts.map((doubt) => `${style.yellow('undecided')}  ${printableLine(doubt)}`)]),
    '',
    planSummary(plan),
  ].join('\n');
}

function planSummary(plan: Plan): string {
  const builds = plan.legs.filter(({ action }) => action === 'build').length;
  const publications = plan.targets.filter(({ action }) => action === 'publish').length;
  const tests = plan.legs.filter(({ reason }) => reason.kind === 'untested').length;
  if (builds === 0 && tests === 0 && publications === 0 && plan.unkeyed.length === 0) return 'nothing to do';
  const ofTests = tests === 0 ? '' : ` (${tests} of them to test)`;
  return `${builds} to build, ${plan.legs.length - builds} to reuse${ofTests}, ${publications} of ${plan.targets.length} targets to publish`;
}

const deferredNamed = 10;

function describeDeferred(names: readonly string[], style: Style): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > deferredNamed ? ` and ${names.length - deferredNamed} more` : '';
  const named = printableLine(names.slice(0, deferredNamed).join(', '));
  return [`${style.dim('waiting')}  refresh-budget has no room yet to refresh ${named}${more}`];
}

function describePlannedSet({ set, waitsFor }: PlannedSet, style: Style): string {
  const waits = waitsFor.length === 0 ? '' : `; it waits for ${waitsFor.join(', ')}`;
  return `${style.bold(`set ${set.name}`)}: the tags of ${set.targets.join(', ')} move together${waits}`;
}

function describePlannedTarget(planned: PlannedTarget, style: Style): readonly string[] {
  const word = { publish: style.yellow, nothing: style.dim, fail: style.red }[planned.action](planned.action);
  const tags = planned.tags.length === 0 ? 'no tag' : planned.tags.join(', ');
  const head = `${word}  ${style.bold(planned.target.name)} (${tags}): ${printableLine(describeReason(planned.reason))}`;
  const details = planned.destinations.flatMap(({ destination, changes, problem }) => {
    const where = formatLocation(destination.location);
    if (problem !== undefined) return [`  ${style.red('?')} ${where}: ${printable(messageOf(problem))}`];
    return changes.map((change) => `  ${style.green('+')} ${describeChange(where, change)}`);
  });
  return [head, ...details, ...keptLines(planned.kept ?? [], style)];
}

function keptLines(kept: readonly KeptTag[], style: Style): readonly string[] {
  return kept.filter(isNotable).map((one) => `  ${style.yellow('=')} ${printableLine(describeKept(one))}`);
}

/** One change of a destination. */
export function describeChange(where: string, change: Change): string {
  switch (change.kind) {
    case 'content':
      return `${where}@${change.manifest.digest}${change.manifest.platform === undefined ? '' : ` (${formatPlatform(change.manifest.platform)})`}`;
    case 'index':
      return `${where}@${change.index.digest} (index)`;
    case 'tag':
      return `${where}:${change.tag} -> ${change.index.digest}${change.from === undefined ? '' : `, from ${change.from}`}`;
    default:
      return change satisfies never;
  }
}

/** A run at its end: each target's digest, platforms and tags, and whether every destination holds the same. */
export function describeOutcome(outcome: RunOutcome, style: Style): string {
  if (outcome.targets.size === 0) return describeLegs(outcome, style);
  const blocks = [...outcome.targets].flatMap(([name, target]) => describeTarget(name, target, style));
  return [...blocks, outcomeSummary(outcome)].join('\n');
}

/** Where legs were asked for, and no target: a line each. */
function describeLegs({ legs }: RunOutcome, style: Style): string {
  const lines = [...legs].map(([name, leg]) =>
    leg.kind === 'failed'
      ? failed(name, leg.error, style)
      : `${leg.kind === 'built' ? style.green('built') : style.dim('reused')}  ${style.bold(name)} ${leg.record.manifest.digest}`,
  );
  const count = (kind: string): number => [...legs.values()].filter((one) => one.kind === kind).length;
  const failures = count('failed') === 0 ? '' : `, ${count('failed')} failed`;
  return [...lines, `${count('built')} legs built, ${count('reused')} reused${failures}`].join('\n');
}

function describeTarget(name: string, outcome: TargetOutcome, style: Style): readonly string[] {
  if (outcome.kind === 'failed') return [failed(name, outcome.error, style), ''];
  if (outcome.kind === 'built') return [`${style.green('built')} ${style.bold(name)}`, ''];
  const { desired, destinations, digest, kept } = outcome.publication;
  const tags = tagsGiven(outcome);
  const holding = destinations
    .filter(({ problem }) => problem === undefined)
    .map(({ destination }) => formatLocation(destination.location));
  const behind = destinations.filter(({ problem }) => problem !== undefined);
  return [
    `${style.bold(name)} ${digest}${outcome.kind === 'unchanged' ? style.dim(' (as it was)') : ''}`,
    `  platforms  ${desired.legs.map(({ manifest }) => formatPlatform(manifest.platform)).join(', ')}`,
    `  tags       ${tags.length === 0 ? 'none' : tags.join(', ')}`,
    ...kept.filter(isNotable).map((one) => `  ${style.yellow('kept')}       ${printableLine(describeKept(one))}`),
    `  same in    ${holding.join(', ')}`,
    ...(outcome.kind === 'waiting' ? [`  ${style.yellow('waiting')}    ${describeWaiting(outcome)}`] : []),
    ...behind.map(
      ({ destination, problem }) =>
        `  ${style.yellow('behind')}     ${formatLocation(destination.location)}: ${printable(messageOf(problem))}`,
    ),
    '',
  ];
}

function outcomeSummary(outcome: RunOutcome): string {
  const legs = [...outcome.legs.values()];
  const targets = [...outcome.targets.values()];
  const count = (kind: string): number => [...legs, ...targets].filter((one) => one.kind === kind).length;
  const failed = targets.filter(({ kind }) => kind === 'failed').length;
  const waiting = count('waiting') === 0 ? '' : `, ${count('waiting')} waiting for their sets`;
  if (failed > 0) return `${failed} of ${targets.length} targets failed${waiting}`;
  if (count('built') === 0 && count('published') === 0 && waiting === '')
    return 'nothing to do: every leg was built and every destination is as it should be';
  return `${legs.filter(({ kind }) => kind === 'built').length} legs built, ${count('reused')} reused; ${count('published')} targets published, ${count('unchanged')} as they were${waiting}`;
}

/** What a reference names. */
export function describeInspection(inspection: Inspection, style: Style): string {
  const rows = inspection.images.map((image) => [
    image.platform ?? 'no platform',
    image.digest,
    formatSize(image.sizeBytes),
    `${image.layers.length} ${image.layers.length === 1 ? 'layer' : 'layers'}`,
    image.attestations.flatMap(({ predicateTypes }) => predicateTypes).join(', '),
  ]);
  const annotations = Object.entries(inspection.annotations).map(
    ([name, value]) => `  ${printableLine(name)}: ${printableLine(value)}`,
  );
  return [
    `${style.bold(inspection.reference)}`,
    `  digest      ${inspection.digest}`,
    `  media type  ${inspection.mediaType}`,
    ...annotations,
    '',
    formatTable(rows),
  ].join('\n');
}

/** Findings, a line each. */
export function describeFindings(findings: readonly Finding[], style: Style): readonly string[] {
  return findings.map(
    ({ location, tag, message }) => `${style.red('wrong')}  ${formatLocation(location)}:${tag} ${printable(message)}`,
  );
}

/** What a publication would change, destination by destination. */
export function describePlannedChanges(outcome: RunOutcome, style: Style): string {
  const blocks = [...outcome.targets].flatMap(([name, target]) => {
    if (target.kind === 'failed' || target.kind === 'built') return describeTarget(name, target, style).slice(0, 1);
    const changes = target.publication.destinations.flatMap(({ destination, changes }) =>
      changes.map((change) => `  ${style.green('+')} ${describeChange(formatLocation(destination.location), change)}`),
    );
    return [
      `${style.bold(name)} ${target.publication.digest}${changes.length === 0 ? ': nothing to change' : ''}`,
      ...changes,
      ...keptLines(target.publication.kept, style),
      ...(target.kind === 'waiting' ? [`  ${style.yellow('=')} ${describeWaiting(target)}`] : []),
    ];
  });
  return blocks.join('\n');
}
