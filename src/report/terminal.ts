/** A run on a terminal: what is done scrolls by, what is under way stands below it and is drawn anew. */
import type { RunEvent } from '../run/events.ts';
import { describeEvent } from './lines.ts';
import { printable, type Style } from './style.ts';
import { displayWidth, formatDuration } from './table.ts';

/** The terminal, passed in. */
export interface Screen {
  write(text: string): void;
  /** Columns now. */
  columns(): number;
  rows(): number;
  nowMs(): number;
}

/** A live list. */
export interface LiveList {
  on(event: RunEvent): void;
  /** Draws what is under way again; called by the door's timer. */
  tick(): void;
  /** Takes the list away and leaves what is done. */
  end(): void;
}

interface Underway {
  readonly builder: string;
  readonly sinceMs: number;
  line: string;
}

/** A live list on a screen. Log lines show as the last word of their leg, and in full only where it fails. */
export function createLiveList(screen: Screen, style: Style): LiveList {
  const underway = new Map<string, Underway>();
  const logs = new Map<string, string[]>();
  let drawn = 0;
  let ended = 0;
  let total = 0;

  const clear = (): string => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`);
  const draw = (above: readonly string[]): void => {
    const lines = listLines(underway, { ended, total }, screen, style);
    screen.write(clear() + [...above, ...lines].map((line) => `${line}\n`).join(''));
    drawn = lines.length;
  };
  return {
    on(event) {
      if (event.kind === 'run-started') total = event.legs.length;
      if (event.kind === 'leg-started') {
        underway.set(event.leg, { builder: event.builder, sinceMs: screen.nowMs(), line: event.reason });
        return draw([]);
      }
      if (event.kind === 'leg-log') return remember(event.leg, event.line, underway, logs);
      const failedLog =
        event.kind === 'leg-ended' && event.outcome.kind === 'failed'
          ? logTail(logs.get(event.leg), event.leg, style)
          : [];
      if (event.kind === 'leg-ended') {
        underway.delete(event.leg);
        logs.delete(event.leg);
        ended++;
        if (event.outcome.kind === 'reused') return draw([]);
      }
      draw([...failedLog, ...describeEvent(event, style)]);
    },
    tick: () => {
      if (underway.size > 0) draw([]);
    },
    end() {
      screen.write(clear());
      drawn = 0;
    },
  };
}

const keptLogLines = 40;

function remember(leg: string, line: string, underway: Map<string, Underway>, logs: Map<string, string[]>): void {
  const current = underway.get(leg);
  if (current !== undefined && line.trim() !== '') current.line = line.trim();
  const log = logs.get(leg) ?? [];
  logs.set(leg, log);
  log.push(line);
  if (log.length > keptLogLines) log.shift();
}

function logTail(log: readonly string[] | undefined, leg: string, style: Style): readonly string[] {
  return (log ?? []).map((line) => `${style.dim(`${leg} |`)} ${printable(line)}`);
}

function listLines(
  underway: ReadonlyMap<string, Underway>,
  count: { readonly ended: number; readonly total: number },
  screen: Screen,
  style: Style,
): readonly string[] {
  if (underway.size === 0) return [];
  const room = Math.max(1, screen.rows() - 3);
  const lines = [...underway].slice(0, room).map(([leg, one]) => {
    const head = `${leg}  ${one.builder}  ${formatDuration(screen.nowMs() - one.sinceMs)}  `;
    return (
      style.cyan(cut(head, screen.columns())) +
      style.dim(cut(printable(one.line), screen.columns() - displayWidth(head)))
    );
  });
  return [
    ...lines,
    style.bold(cut(`${count.ended} of ${count.total} legs done, ${underway.size} under way`, screen.columns())),
  ];
}

/** Cut to fewer columns than the terminal has, so that no line wraps. */
function cut(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns - 1) break;
    end += character.length;
  }
  return text.slice(0, end);
}
