/** What BuildKit's plain log tells of a build's steps: how many there were, and how many came out of a cache. */

/** What was counted so far. */
export interface StepCounts {
  /** FROM left out: it makes nothing. */
  readonly steps: number;
  readonly cachedSteps: number;
  /** How long caches took to write; undefined where none was. */
  readonly exportMs: number | undefined;
}

/** A listener to the lines of one build. */
export interface StepCounter {
  hear(line: string): void;
  counts(): StepCounts;
}

/** `#7 [build 2/5] RUN make`, `#7 [linux/arm64 2/5] COPY . .`: what a step prints itself has the time before it, and is never taken for one. */
const step = /^#(\d{1,9}) \[(?:[^\]]* )?\d+\/\d+\] (?!FROM )/;
const exporting = /^#(\d{1,9}) exporting cache to /;
/** One that is cached and whose layer had to be fetched ends as `DONE`, and tells of the layer. */
const fromCache = /^#(\d{1,9}) (?:CACHED$|extracting sha256:)/;
const done = /^#(\d{1,9}) DONE (\d+(?:\.\d+)?)s$/;

/** Counts a build's steps. */
export function countSteps(): StepCounter {
  const cached = new Map<string, boolean>();
  const exportsMs = new Map<string, number>();
  return {
    hear(line) {
      const [, started] = step.exec(line) ?? [];
      if (started !== undefined && !cached.has(started)) cached.set(started, false);
      const [, hit] = fromCache.exec(line) ?? [];
      if (hit !== undefined && cached.has(hit)) cached.set(hit, true);
      const [, written] = exporting.exec(line) ?? [];
      if (written !== undefined && !exportsMs.has(written)) exportsMs.set(written, 0);
      const [, ended, seconds] = done.exec(line) ?? [];
      if (ended !== undefined && exportsMs.has(ended)) exportsMs.set(ended, Math.round(Number(seconds) * 1000));
    },
    counts: () => ({
      steps: cached.size,
      cachedSteps: [...cached.values()].filter(Boolean).length,
      exportMs: exportsMs.size === 0 ? undefined : [...exportsMs.values()].reduce((sum, ms) => sum + ms, 0),
    }),
  };
}
