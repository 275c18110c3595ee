import { describe, expect, test } from 'vitest';
import { countSteps, type StepCounts } from './steps.ts';

function countsOf(lines: readonly string[]): StepCounts {
  const counter = countSteps();
  for (const line of lines) counter.hear(line);
  return counter.counts();
}

describe('the steps of a plain log', () => {
  test.for<{ name: string; lines: readonly string[]; want: Partial<StepCounts> }>([
    { name: 'none', lines: [], want: { steps: 0, cachedSteps: 0 } },
    {
      name: 'one that ran and one from a cache',
      lines: ['#7 [2/3] RUN make', '#7 1.2 cc', '#7 DONE 3.4s', '#8 [3/3] COPY a /', '#8 CACHED'],
      want: { steps: 2, cachedSteps: 1 },
    },
    {
      name: 'FROM and what is internal are none',
      lines: ['#1 [internal] load build context', '#1 CACHED', '#2 [build 1/4] FROM r.example/b@sha256:0', '#2 CACHED'],
      want: { steps: 0, cachedSteps: 0 },
    },
    {
      name: 'a step of a named stage, of a platform, and of a cross build',
      lines: ['#5 [tools 2/2] RUN a', '#6 [linux/arm64 2/5] RUN b', '#7 [linux/amd64->arm64 go 3/5] RUN c'],
      want: { steps: 3, cachedSteps: 0 },
    },
    {
      name: 'a step that is shown again is one',
      lines: ['#7 [2/3] RUN a', '#7 ...', '#8 [3/3] RUN b', '#7 [2/3] RUN a', '#7 CACHED'],
      want: { steps: 2, cachedSteps: 1 },
    },
    {
      name: 'a cached step whose layer is fetched for the next one',
      lines: [
        '#9 [3/5] COPY --from=tools /t /t',
        '#9 sha256:b71d4c 164B / 164B done',
        '#9 extracting sha256:b71d4c 0.0s done',
        '#9 DONE 0.2s',
      ],
      want: { steps: 1, cachedSteps: 1 },
    },
    {
      name: 'what a step prints is no word of BuildKit’s',
      lines: ['#7 [2/2] RUN a', '#7 0.1 CACHED', '#7 0.1 extracting sha256:0', '#7 0.2 #8 [3/3] RUN b', '#7 DONE 1.0s'],
      want: { steps: 1, cachedSteps: 0 },
    },
    {
      name: 'a layer of the base is none of a step',
      lines: ['#6 [1/2] FROM r.example/b', '#6 extracting sha256:d1', '#6 DONE 0.1s'],
      want: { steps: 0, cachedSteps: 0 },
    },
    {
      name: 'the time that caches took to write',
      lines: ['#13 exporting cache to registry', '#13 writing layer sha256:1 done', '#13 DONE 12.3s'],
      want: { exportMs: 12_300 },
    },
    { name: 'no export', lines: ['#7 [2/2] RUN a', '#7 DONE 1.0s'], want: { exportMs: undefined } },
  ])('$name', ({ lines, want }) => expect(countsOf(lines)).toMatchObject(want));
});
