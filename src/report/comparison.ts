/** What a change affects, as text: each affected leg with what decides it. */
import { type ComparedLeg, type Comparison, describeCompared, isAffected } from '../plan/changed.ts';
import { describeChange, type InputChange } from '../plan/input-change.ts';
import { describeError } from './diagnostics.ts';
import { printableLine, type Style } from './style.ts';

const shownChanges = 6;

/** A comparison: the affected legs, what is new and what is gone, and a summary. Legs that changed for the same reasons stand together. */
export function describeComparison(comparison: Comparison, style: Style): string {
  const affected = comparison.legs.filter(isAffected);
  const groups = groupsOf(affected);
  const blocks = [...groups.values()].flatMap((legs) => describeGroup(legs, style));
  const broken = comparison.unkeyed.map(
    ({ leg, error }) =>
      `${style.red('fail')}  ${leg.name}: ${describeError(error, style, () => undefined).replaceAll('\n', ' ')}`,
  );
  const renamed = comparison.legs.flatMap((leg) =>
    leg.kind === 'same' && leg.was !== undefined
      ? [`${style.dim('same')}  ${leg.keyed.leg.name}: ${describeCompared(leg)}`]
      : [],
  );
  return [
    ...blocks,
    ...broken,
    ...renamed,
    ...namesLine('new targets', comparison.newTargets, style.green),
    ...namesLine('removed targets', comparison.removedTargets, style.yellow),
    ...namesLine('removed legs', comparison.removedLegs, style.yellow),
    ...doubtLines(comparison, style),
    summaryOf(comparison, affected.length),
  ].join('\n');
}

const shownTargets = 3;

/** What no key holds, of all legs: it may have changed where nothing else did. */
function doubtLines({ legs }: Comparison, style: Style): readonly string[] {
  const targets = new Map<string, Set<string>>();
  for (const { keyed } of legs) {
    for (const why of keyed.inputs.undecided) {
      targets.set(why, (targets.get(why) ?? new Set()).add(keyed.leg.target.name));
    }
  }
  return [...targets].map(([why, names]) => {
    const more = names.size > shownTargets ? ` and ${names.size - shownTargets} more` : '';
    const named = `${[...names].slice(0, shownTargets).join(', ')}${more}`;
    return `${style.yellow('undecided')}  ${printableLine(`${named}: ${why}`)}`;
  });
}

function groupsOf(legs: readonly ComparedLeg[]): ReadonlyMap<string, readonly ComparedLeg[]> {
  const groups = new Map<string, ComparedLeg[]>();
  for (const leg of legs) {
    const what = JSON.stringify([describeCompared(leg), leg.kind === 'changed' ? leg.changes : []]);
    const group = groups.get(what) ?? [];
    groups.set(what, group);
    group.push(leg);
  }
  return groups;
}

function describeGroup(legs: readonly ComparedLeg[], style: Style): readonly string[] {
  const [first] = legs;
  if (first === undefined) return [];
  const heads = legs.map(({ keyed }) => `${style.yellow('affected')}  ${style.bold(keyed.leg.name)}`);
  const why = describeCompared(first);
  const lines = first.kind === 'changed' ? describeChanges(first.changes) : [];
  return [...heads.slice(0, -1), `${heads.at(-1)}: ${printableLine(why)}`, ...lines.map((line) => `    ${line}`)];
}

/** The first changes, a line each, and how many more there are. */
export function describeChanges(changes: readonly InputChange[], atMost = shownChanges): readonly string[] {
  const lines = changes.slice(0, atMost).map((change) => printableLine(describeChange(change)));
  return changes.length > atMost ? [...lines, `and ${changes.length - atMost} more (--json prints all)`] : lines;
}

function namesLine(word: string, names: readonly string[], paint: (text: string) => string): readonly string[] {
  return names.length === 0 ? [] : [`${paint(word)}  ${names.join(', ')}`];
}

function summaryOf({ before, legs }: Comparison, affected: number): string {
  const commit = before.commit === undefined ? '' : ` (${before.commit.id.slice(0, 12)})`;
  const count = affected === 0 ? 'none' : String(affected);
  return `${count} of ${legs.length} legs affected since ${before.revision}${commit}, bases as written`;
}
