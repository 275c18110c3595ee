/** What a summary needs of a run beside its outcome: each leg's last lines, and when it was built. */
import type { RunEvent } from '../run/events.ts';
import type { Span } from './timeline.ts';

/** A listener, and what it remembers. */
export interface RunMemory {
  readonly on: (event: RunEvent) => void;
  /** The last lines of each leg, by its name. */
  readonly tails: ReadonlyMap<string, readonly string[]>;
  readonly spans: readonly Span[];
}

const tailLines = 40;

/** A memory of one run on `runner`; `nowMs` gives milliseconds since 1970. */
export function rememberRun(runner: string, nowMs: () => number): RunMemory {
  const tails = new Map<string, string[]>();
  const started = new Map<string, number>();
  const spans: Span[] = [];
  return {
    tails,
    spans,
    on(event) {
      if (event.kind === 'leg-started') started.set(event.leg, nowMs());
      if (event.kind === 'leg-log') keepLine(tails, event.leg, event.line);
      if (event.kind !== 'leg-ended') return;
      const startMs = started.get(event.leg);
      if (startMs === undefined) return;
      const failed = event.outcome.kind === 'failed';
      spans.push({ leg: event.leg, runner, startMs, durationMs: nowMs() - startMs, failed });
    },
  };
}

function keepLine(tails: Map<string, string[]>, leg: string, line: string): void {
  const kept = tails.get(leg) ?? [];
  kept.push(line);
  if (kept.length > tailLines) kept.shift();
  tails.set(leg, kept);
}
