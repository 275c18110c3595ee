/** What makes one text of another, as `diff -u` prints it. */

/** A line that stays, goes or comes. */
interface Step {
  readonly kind: ' ' | '-' | '+';
  readonly line: string;
}

const contextLines = 3;
/** Beyond this many comparisons, all between what is equal at both ends is shown as replaced. */
const maxComparisons = 4_000_000;

/** The difference, with the names of both; undefined where there is none. */
export function unifiedDiff(
  before: { readonly name: string; readonly text: string },
  after: { readonly name: string; readonly text: string },
): string | undefined {
  if (before.text === after.text) return undefined;
  const steps = stepsOf(linesOf(before.text), linesOf(after.text));
  return [
    `--- ${before.name}`,
    `+++ ${after.name}`,
    ...hunksOf(steps).flatMap(({ head, lines }) => [head, ...lines]),
  ].join('\n');
}

const noLineEnd = '\n\\ No newline at end of file';

function linesOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}${noLineEnd}`];
}

function stepsOf(before: readonly string[], after: readonly string[]): readonly Step[] {
  const head = sharedLines(before, after);
  const [left, right] = [before.slice(head), after.slice(head)];
  const tail = sharedLines(left.toReversed(), right.toReversed());
  const stay = (lines: readonly string[]): readonly Step[] => lines.map((line) => ({ kind: ' ', line }));
  return [
    ...stay(before.slice(0, head)),
    ...changed(left.slice(0, left.length - tail), right.slice(0, right.length - tail)),
    ...stay(before.slice(before.length - tail)),
  ];
}

function sharedLines(a: readonly string[], b: readonly string[]): number {
  const differs = a.findIndex((line, place) => line !== b[place]);
  return Math.min(differs < 0 ? a.length : differs, b.length);
}

/** By the longest common run of lines, what goes before what comes. */
function changed(before: readonly string[], after: readonly string[]): readonly Step[] {
  const goes = (line: string): Step => ({ kind: '-', line });
  const comes = (line: string): Step => ({ kind: '+', line });
  if (before.length * after.length > maxComparisons) return [...before.map(goes), ...after.map(comes)];
  const common = commonLengths(before, after);
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const steps: Step[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [left, right] = [before[i], after[j]];
    if (left !== undefined && left === right) {
      steps.push({ kind: ' ', line: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      steps.push(goes(left));
      i++;
    } else if (right !== undefined) {
      steps.push(comes(right));
      j++;
    }
  }
  return steps;
}

/** How many lines both have in common from each place on. */
function commonLengths(before: readonly string[], after: readonly string[]): readonly Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i--) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (row === undefined || below === undefined) continue;
    for (let j = after.length - 1; j >= 0; j--) {
      row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

interface Hunk {
  readonly head: string;
  readonly lines: readonly string[];
}

/** Changes with the lines around them; those that are near are one. */
function hunksOf(steps: readonly Step[]): readonly Hunk[] {
  const places = steps.flatMap(({ kind }, place) => (kind === ' ' ? [] : [place]));
  const ranges: { from: number; to: number }[] = [];
  for (const place of places) {
    const last = ranges.at(-1);
    if (last !== undefined && place - last.to <= 2 * contextLines) last.to = place;
    else ranges.push({ from: place, to: place });
  }
  return ranges.map(({ from, to }) =>
    hunk(steps, Math.max(0, from - contextLines), Math.min(steps.length, to + contextLines + 1)),
  );
}

function hunk(steps: readonly Step[], from: number, to: number): Hunk {
  const count = (part: readonly Step[], without: '-' | '+'): number =>
    part.filter(({ kind }) => kind !== without).length;
  const [above, own] = [steps.slice(0, from), steps.slice(from, to)];
  const range = (without: '-' | '+'): string => {
    const length = count(own, without);
    return `${count(above, without) + (length === 0 ? 0 : 1)},${length}`;
  };
  return { head: `@@ -${range('+')} +${range('-')} @@`, lines: own.map(({ kind, line }) => `${kind}${line}`) };
}
