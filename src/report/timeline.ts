/** When which leg was built on what, as a Mermaid chart that GitHub draws. */

/** One leg's time. */
export interface Span {
  readonly leg: string;
  /** What it ran on, in words. */
  readonly runner: string;
  /** Milliseconds since 1970. */
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed?: boolean;
}

/** More bars than these are no chart. */
export const maxSpans = 80;

/** The chart, the longest legs where there are too many; empty where nothing was built. */
export function timelineChart(spans: readonly Span[]): readonly string[] {
  if (spans.length === 0) return [];
  const shown = [...spans].sort((a, b) => b.durationMs - a.durationMs).slice(0, maxSpans);
  const runners = [...new Set(shown.map(({ runner }) => runner))].sort();
  const sections = runners.flatMap((runner) => [
    `  section ${word(runner)}`,
    ...shown
      .filter((span) => span.runner === runner)
      .sort((a, b) => a.startMs - b.startMs)
      .map(bar),
  ]);
  return ['```mermaid', 'gantt', '  dateFormat x', '  axisFormat %H:%M', ...sections, '```'];
}

function bar({ leg, startMs, durationMs, failed = false }: Span): string {
  const lasts = Math.max(1000, Math.round(durationMs));
  return `  ${word(leg)} :${failed ? 'crit, ' : ''}${Math.round(startMs)}, ${Math.round(startMs) + lasts}`;
}

/** A name without what the chart's language reads: `:`, `;`, `#`, `,`, line ends and all but letters, digits and a few marks. */
function word(text: string): string {
  return (
    text
      .replace(/[^\p{L}\p{N} @/._+-]/gu, ' ')
      .trim()
      .slice(0, 80) || '-'
  );
}
