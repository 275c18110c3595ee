// A family whose refreshes are due all at once, and a budget: some now, the others with the next plan, none later than one period.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, type TestFamily, testFamily } from '../support/family.ts';
import { parseOutputs } from '../support/github-job.ts';

const names = ['a', 'b', 'c', 'd'];
const weekMs = 7 * 24 * 60 * 60 * 1000;
const startMs = Date.UTC(2026, 0, 1);

/** The moment `weeks` later, as a plan job hands it on before anything is decided. */
const weeksOn = (weeks: number): string => JSON.stringify({ version: 1, nowMs: startMs + weeks * weekMs, bases: {} });

function family(): Promise<TestFamily> {
  const targets = Object.fromEntries(names.map((name) => [name, 'refresh: weekly']));
  return testFamily(
    {
      'fanfold.yaml': familyYaml(['oci:out'], targets, 'refresh-budget: 2'),
      ...Object.fromEntries(names.map((name) => [`${name}/Dockerfile`, 'FROM scratch\nCOPY file /file\n'])),
      ...Object.fromEntries(names.map((name) => [`${name}/file`, name])),
      '.gitignore': 'out\noutputs\n',
    },
    { GITHUB_OUTPUT: 'outputs' },
  );
}

interface PlanData {
  readonly legs: readonly { readonly target: string; readonly action: string }[];
  readonly deferred: readonly string[];
}

async function planned(
  of: TestFamily,
  ...args: string[]
): Promise<{ build: readonly string[]; deferred: readonly string[] }> {
  const { stdout, stderr } = await of.fanfold('plan', '--json', ...args);
  expect(stderr).toBe('');
  const { legs, deferred } = JSON.parse(stdout) as PlanData;
  return { build: legs.filter(({ action }) => action === 'build').map(({ target }) => target), deferred };
}

describe('with refresh-budget: 2, of four targets that are refreshed weekly', { timeout: 60_000 }, () => {
  test('two are built a run; what was never built, or has changed, does not wait', async () => {
    using of = await family();
    expect(await planned(of, '--moment', weeksOn(0))).toEqual({ build: names, deferred: [] });
    for (const name of names)
      expect(await of.fanfold('run', '--only', name, '--moment', weeksOn(0))).toMatchObject({ status: 0 });
    expect(await planned(of, '--moment', weeksOn(0))).toEqual({ build: [], deferred: [] });

    expect(await planned(of, '--moment', weeksOn(1))).toEqual({ build: ['a', 'b'], deferred: ['c', 'd'] });
    const { stdout } = await of.fanfold('plan', '--moment', weeksOn(1));
    expect(stdout).toContain('refresh-budget has no room yet to refresh c, d');
    expect(await planned(of, '--moment', weeksOn(1), '--all')).toEqual({ build: names, deferred: undefined });
    of.write({ 'd/file': 'd two' });
    expect(await planned(of, '--moment', weeksOn(1))).toEqual({ build: ['a', 'b', 'd'], deferred: ['c'] });
    expect(await of.fanfold('run', '--moment', weeksOn(1))).toMatchObject({ status: 0 });
    expect(await planned(of, '--moment', weeksOn(1))).toEqual({ build: ['c'], deferred: [] });
  });

  test('the jobs of one run agree on who waits, and publish all of it', async () => {
    using of = await family();
    expect(await of.fanfold('run', '--moment', weeksOn(0))).toMatchObject({ status: 0 });
    expect(await of.fanfold('plan', '--format', 'github', '--moment', weeksOn(1))).toMatchObject({ status: 0 });
    const moment = parseOutputs(readFileSync(join(of.path, 'outputs'), 'utf8'))['moment'] ?? '';
    const { deferred } = JSON.parse(moment) as { deferred: readonly string[] };
    expect(deferred).toHaveLength(2);
    const refreshed = names.filter((name) => !deferred.includes(name));
    const legs = refreshed.flatMap((name) => ['--leg', `${name}@linux/amd64`]);
    expect(await of.fanfold('build', ...legs, '--moment', moment)).toMatchObject({ status: 0 });
    // The two are built now: who decides anew would refresh the others.
    expect(await planned(of, '--moment', weeksOn(1))).toEqual({ build: deferred, deferred: [] });
    const published = await of.fanfold('publish', '--moment', moment);
    expect(published, published.stderr).toMatchObject({ status: 0 });
  });

  test('none waits longer than one period', async () => {
    using of = await family();
    expect(await of.fanfold('run', '--moment', weeksOn(0))).toMatchObject({ status: 0 });
    expect(await planned(of, '--moment', weeksOn(2))).toEqual({ build: names, deferred: [] });
  });
});
