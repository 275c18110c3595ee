// Which jobs run, are skipped, fail or are cancelled, by small workflows that really run.
import { describe, expect, test } from 'vitest';
import type { Execute } from './job-request.ts';
import { done, logOf, plainMachine, resultsOf, rigOf, runWorkflow } from './rig.ts';

const ok = 'runs-on: ubuntu-24.04, steps: [{run: "true"}]';
const bad = 'runs-on: ubuntu-24.04, steps: [{run: "false"}]';
const workflow = (jobs: string): string => `on: push\njobs:\n${jobs.replace(/^/gm, '  ')}\n`;

describe('needs and conditions', () => {
  test.for([
    { name: 'all succeed', jobs: `a: {${ok}}\nb: {needs: a, ${ok}}`, want: { a: 'success', b: 'success' } },
    {
      name: 'a failure skips what waits',
      jobs: `a: {${bad}}\nb: {needs: a, ${ok}}`,
      want: { a: 'failure', b: 'skipped' },
    },
    {
      name: 'a skip goes down the whole chain, past a job that runs always',
      jobs: `a: {if: false, ${ok}}\nb: {needs: a, if: always(), ${ok}}\nc: {needs: b, ${ok}}`,
      want: { a: 'skipped', b: 'success', c: 'skipped' },
    },
    {
      name: 'failure() looks through the chain',
      jobs: `a: {${bad}}\nb: {needs: a, ${ok}}\nc: {needs: b, if: failure(), ${ok}}`,
      want: { a: 'failure', b: 'skipped', c: 'success' },
    },
    {
      name: '!cancelled() runs after a failure, and sees the result',
      jobs: `a: {${bad}}\nb: {needs: a, if: "\${{ !cancelled() && needs.a.result == 'failure' }}", ${ok}}`,
      want: { a: 'failure', b: 'success' },
    },
    {
      name: 'contains(needs.*.result, ...) over several',
      jobs: `a: {${ok}}\nb: {${bad}}\nc: {needs: [a, b], if: "always() && contains(needs.*.result, 'failure')", ${ok}}`,
      want: { a: 'success', b: 'failure', c: 'success' },
    },
    {
      name: 'continue-on-error counts as success',
      jobs: `a: {continue-on-error: true, ${bad}}\nb: {needs: a, ${ok}}`,
      want: { a: 'success', b: 'success' },
    },
    {
      name: 'a condition on an event',
      jobs: `a: {if: github.event_name == 'pull_request', ${ok}}\nb: {if: "github.ref == 'refs/heads/main'", ${ok}}`,
      want: { a: 'skipped', b: 'success' },
    },
  ])('$name', async ({ jobs, want }) => expect(resultsOf(await runWorkflow(workflow(jobs)))).toEqual(want));

  test.for([
    { name: 'an unknown key', jobs: 'a: {runs: x}', error: /Unexpected value 'runs'/ },
    { name: 'a need that is no job', jobs: `a: {${ok}}\nb: {needs: z, ${ok}}`, error: /unknown job 'z'/ },
    {
      name: 'jobs that wait for each other',
      jobs: `c: {${ok}}\na: {needs: b, ${ok}}\nb: {needs: a, ${ok}}`,
      error: /cycle/,
    },
    { name: 'an unknown context', jobs: `a: {if: nothing.x, ${ok}}`, error: /nothing/ },
    { name: 'secrets in a job condition', jobs: `a: {if: secrets.x, ${ok}}`, error: /secrets/ },
    { name: 'a container', jobs: 'a: {container: x, runs-on: x, steps: [{run: "true"}]}', error: /not carried out/ },
    {
      name: 'a script that is too long',
      jobs: `a: {runs-on: x, steps: [{run: "${'x'.repeat(21_001)}"}]}`,
      error: /21001/,
    },
    { name: 'a bad expression', jobs: `a: {name: "\${{ (1 }}", ${ok}}`, error: /expression|Unexpected/i },
  ])('is refused: $name', async ({ jobs, error }) => {
    await expect(runWorkflow(workflow(jobs))).rejects.toThrow(error);
  });
});

describe('matrices', () => {
  const planned = (matrix: string, more = '', step = 'echo ${{ matrix.job }}'): string =>
    workflow(
      `plan: {runs-on: ubuntu-24.04, outputs: {m: "\${{ steps.p.outputs.m }}"}, steps: [{id: p, run: "${matrix}"}]}\n` +
        `legs:\n  needs: plan\n  if: needs.plan.outputs.m != ''\n  name: \${{ matrix.job }}\n  runs-on: ubuntu-24.04\n` +
        `  strategy: {${more}matrix: "\${{ fromJSON(needs.plan.outputs.m) }}"}\n  steps: [{run: '${step}'}]`,
    );
  const include = (jobs: readonly string[]): string =>
    `echo 'm={\\"include\\":[${jobs.map((job) => `{\\"job\\":\\"${job}\\"}`).join(',')}]}' >> $GITHUB_OUTPUT`;

  test('come from an output, and name their jobs', async () => {
    const attempt = await runWorkflow(planned(include(['one', 'two'])));
    expect(attempt.cells.map(({ name }) => name).sort()).toEqual(['one', 'plan', 'two']);
    expect(attempt.result).toBe('success');
  });

  test('an empty output skips the shard, and its strategy is not looked at', async () => {
    expect(resultsOf(await runWorkflow(planned('true')))).toEqual({ plan: 'success', legs: 'skipped' });
  });

  test('256 jobs run, 257 fail', async () => {
    const count = (jobs: number): string =>
      `node -e 'console.log(\\"m=\\" + JSON.stringify({include: Array.from({length: ${jobs}}, (_, job) => ({job}))}))' >> $GITHUB_OUTPUT`;
    const many = await runWorkflow(planned(count(257)));
    expect(resultsOf(many)).toEqual({ plan: 'success', legs: 'failure' });
    expect(logOf(many, 'legs')).toMatch(/257 jobs/);
  });

  test('an empty include list fails', async () => {
    expect(resultsOf(await runWorkflow(planned(include([]))))).toEqual({ plan: 'success', legs: 'failure' });
  });

  test('without fail-fast a failure stops no other; the job has failed', async () => {
    const attempt = await runWorkflow(
      planned(include(['no', 'yes']), 'fail-fast: false, ', 'test ${{ matrix.job }} = yes'),
    );
    expect(attempt.cells.map(({ name, result }) => `${name} ${result}`).sort()).toEqual([
      'no failure',
      'plan success',
      'yes success',
    ]);
    expect(resultsOf(attempt)['legs']).toBe('failure');
  });

  test('with fail-fast the first failure cancels the rest', async () => {
    const step = 'if [ ${{ matrix.job }} = no ]; then exit 1; fi; sleep 60';
    const attempt = await runWorkflow(planned(include(['no', 'slow', 'later']), 'max-parallel: 2, ', step));
    expect(Object.fromEntries(attempt.cells.map(({ name, result }) => [name, result]))).toEqual({
      plan: 'success',
      no: 'failure',
      slow: 'cancelled',
      later: 'cancelled',
    });
  });

  test.for([1, 2])('max-parallel %i bounds how many run at once', async (bound) => {
    let running = 0;
    let most = 0;
    const execute: Execute = async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return done;
    };
    const text = `a:\n  runs-on: x\n  strategy: {max-parallel: ${bound}, matrix: {n: [1, 2, 3, 4]}}\n  steps: [{run: "true"}]`;
    expect((await runWorkflow(workflow(text), { execute })).cells).toHaveLength(4);
    expect(most).toBe(bound);
  });

  test('of several jobs that set an output, the last that is not empty stands', async () => {
    const attempt = await runWorkflow(
      workflow(
        `a:\n  runs-on: x\n  strategy: {max-parallel: 1, matrix: {n: [1, 2, 3]}}\n  outputs: {o: "\${{ steps.s.outputs.o }}"}\n` +
          `  steps: [{id: s, run: 'if [ \${{ matrix.n }} != 3 ]; then echo o=\${{ matrix.n }} >> $GITHUB_OUTPUT; fi'}]`,
      ),
    );
    expect(attempt.jobs.get('a')?.outputs).toEqual({ o: '2' });
    expect(attempt.cells.map(({ name }) => name)).toEqual(['a (1)', 'a (2)', 'a (3)']);
  });
});

describe('outputs', () => {
  const output = (characters: number): string =>
    workflow(
      `a:\n  runs-on: x\n  outputs: {o: "\${{ steps.s.outputs.o }}"}\n  steps: [{id: s, run: 'echo o=$(head -c ${characters} /dev/zero | tr "\\\\0" x) >> $GITHUB_OUTPUT'}]`,
    );
  test('up to 1 MB of UTF-16 are taken', async () => {
    const attempt = await runWorkflow(output(500_000));
    expect(attempt.result).toBe('success');
    expect(attempt.jobs.get('a')?.outputs['o']?.length).toBe(500_000);
  });
  test('more fail the job', async () => {
    const attempt = await runWorkflow(output(530_000));
    expect(attempt.result).toBe('failure');
    expect(logOf(attempt, 'a')).toMatch(/GitHub takes 1048576/);
  });
  test('one that holds a secret is dropped', async () => {
    const text = workflow(
      `a:\n  runs-on: x\n  outputs: {o: "\${{ steps.s.outputs.o }}", p: plain}\n  steps: [{id: s, env: {S: "\${{ secrets.S }}"}, run: 'echo "o=a$S" >> $GITHUB_OUTPUT'}]`,
    );
    const attempt = await runWorkflow(text, { secrets: { S: 'a-long-secret' } });
    expect(attempt.jobs.get('a')?.outputs).toEqual({ p: 'plain' });
  });
});

describe('re-run of failed jobs', () => {
  const flaky = workflow(
    `plan: {runs-on: x, outputs: {o: "\${{ steps.s.outputs.o }}"}, steps: [{id: s, run: 'echo o=$GITHUB_RUN_ATTEMPT >> $GITHUB_OUTPUT'}]}\n` +
      `legs:\n  needs: plan\n  runs-on: x\n  strategy: {fail-fast: false, matrix: {n: [1, 2]}}\n  steps: [{run: 'test "\${{ matrix.n }}" = 1 || test $GITHUB_RUN_ATTEMPT = 2'}]\n` +
      `gate: {needs: [plan, legs], if: always(), runs-on: x, steps: [{run: "echo plan of \${{ needs.plan.outputs.o }}"}]}`,
  );
  test('runs what failed and what waits for it; the rest keeps its outputs', async () => {
    await using rig = await rigOf(flaky);
    const run = await rig.push();
    const first = await run.ended();
    expect(resultsOf(first)).toEqual({ plan: 'success', legs: 'failure', gate: 'success' });
    const second = await run.rerunFailed();
    expect(second.ran).toEqual(['legs (2)', 'gate']);
    expect(resultsOf(second)).toEqual({ plan: 'success', legs: 'success', gate: 'success' });
    expect(logOf(second, 'gate')).toContain('plan of 1');
  });
  test('of a run without failures runs nothing', async () => {
    await using rig = await rigOf(workflow(`a: {${ok}}`));
    const run = await rig.push();
    await run.ended();
    expect((await run.rerunFailed()).ran).toEqual([]);
  });
});

describe('cancelling', () => {
  test('ends what runs, and lets always() run on', async () => {
    await using rig = await rigOf(
      workflow(
        `a: {runs-on: x, steps: [{run: sleep 60}, {run: echo not}, {if: always(), run: echo after-all}]}\n` +
          `b: {needs: a, ${ok}}\nc: {needs: a, if: always(), ${ok}}`,
      ),
    );
    const run = await rig.push();
    setTimeout(() => run.cancel(), 300);
    const attempt = await run.ended();
    expect(resultsOf(attempt)).toEqual({ a: 'cancelled', b: 'cancelled', c: 'success' });
    expect(logOf(attempt, 'a')).toContain('after-all');
    expect(logOf(attempt, 'a')).not.toContain('echo not');
    expect(attempt.result).toBe('cancelled');
  });
  test('a job that is out of time is cancelled', async () => {
    const text = workflow(
      `a: {runs-on: x, timeout-minutes: 1, steps: [{run: sleep 60}]}\nb: {needs: a, if: "always() && needs.a.result == 'cancelled'", ${ok}}`,
    );
    const attempt = await runWorkflow(text, { machine: { ...plainMachine, minuteMs: 300 } });
    expect(resultsOf(attempt)).toEqual({ a: 'cancelled', b: 'success' });
  });
});
