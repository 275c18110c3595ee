/** What a job hears of its legs: told in the log, each leg's lines folded, and remembered for the summary. */
import type { Host } from '../base/host/host.ts';
import { describeEvent } from '../report/lines.ts';
import type { Span } from '../report/timeline.ts';
import type { RunEvent } from '../run/events.ts';
import { annotateError } from './annotations.ts';
import type { Job } from './job.ts';

/** A listener, and what it remembers. */
export interface Heard {
  readonly on: (event: RunEvent) => void;
  /** The last lines of each leg, by its name. */
  readonly tails: ReadonlyMap<string, readonly string[]>;
  readonly spans: readonly Span[];
}

const tailLines = 40;

/** Listens to a run whose legs are built one after another. `root` is the family's folder. */
export function hearRun(job: Pick<Job, 'log' | 'host' | 'style'>, root: string): Heard {
  const { log, style } = job;
  const tails = new Map<string, string[]>();
  const spans: Span[] = [];
  const started = new Map<string, number>();
  const tell = (event: RunEvent): void => {
    for (const line of describeEvent(event, style)) log.note(line);
  };
  return {
    tails,
    spans,
    on(event) {
      if (event.kind === 'leg-started') {
        started.set(event.leg, job.host.clock.now());
        log.group(event.leg);
      }
      if (event.kind === 'leg-log') remember(tails, event.leg, event.line);
      if (event.kind === 'leg-ended') {
        log.ungroup();
        const startMs = started.get(event.leg);
        if (startMs !== undefined) spans.push(spanOf(event.leg, startMs, event.outcome.kind === 'failed', job.host));
      }
      tell(event);
      const isFailed = (event.kind === 'leg-ended' || event.kind === 'target-ended') && event.outcome.kind === 'failed';
      if (isFailed && event.outcome.kind === 'failed') annotateError(event.outcome.error, root, job);
    },
  };
}

function remember(tails: Map<string, string[]>, leg: string, line: string): void {
  const kept = tails.get(leg) ?? [];
  kept.push(line);
  if (kept.length > tailLines) kept.shift();
  tails.set(leg, kept);
}

function spanOf(leg: string, startMs: number, failed: boolean, { clock, env }: Host): Span {
  const runner = env['RUNNER_NAME'] ?? env['RUNNER_OS'] ?? 'this machine';
  return { leg, runner, startMs, durationMs: clock.now() - startMs, failed };
}
