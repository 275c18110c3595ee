// Jobs spent on anything but building, of a family of 457 legs in 386 images: a merge job for each image against Fanfold's workflow.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { testRepository } from '../support/repository.ts';
import { largeFamily } from './counting/large-family.ts';
import { mergeJobs } from './counting/merge-jobs.ts';
import { stageLegs } from './counting/stage-legs.ts';
import { makeHub } from './harness/hub.ts';
import { carryOutJob } from './harness/job.ts';
import type { JobRequest } from './harness/job-request.ts';
import { done, plainMachine } from './harness/rig.ts';
import type { Attempt } from './harness/run.ts';
import { actionFolder, only, realMachine } from './scene/scene.ts';

/** A tag of a destination: staging's repositories are named after it. */
function isTagging({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return (
    method === 'PUT' && /^\/v2\/(?:one|two)\/[^/]+\/manifests\/(?!sha256:)/.test(path) && !path.includes('-staging/')
  );
}

interface Count {
  readonly build: number;
  readonly other: number;
  /** Of the others, each job's time rounded up to whole minutes, as GitHub counts it. */
  readonly otherMinutes: number;
}

/** The jobs of a run that build, and all others. */
function count(attempt: Attempt): Count {
  const jobs = [...attempt.jobs.values()].flatMap(({ id, cells }) => cells.map(({ report }) => ({ id, report })));
  const others = jobs.filter(({ id }) => !/^(legs|build)-\d+$/.test(id));
  const minutes = others.map(({ report }) => Math.max(1, Math.ceil((report?.durationMs ?? 0) / 60_000)));
  return {
    build: jobs.length - others.length,
    other: others.length,
    otherMinutes: minutes.reduce((sum, each) => sum + each, 0),
  };
}

describe.runIf(needs('docker-registry'))('a family of 457 legs', { timeout: 600_000 }, () => {
  test('costs three jobs beside those that build, where a merge job for each image costs 387', async () => {
    await using registry = await startRegistry();
    using family = await largeFamily(registry.host);
    const machine = await realMachine();
    const planned: string[] = [];
    const execute = async (request: JobRequest) => {
      planned.push(
        ...String(request.contexts.matrix?.['legs'] ?? '')
          .split(' ')
          .filter(Boolean),
      );
      const sources = { repository: () => hub.origin.url, action: () => actionFolder };
      if (/^legs-/.test(request.definition.id)) {
        const { outputs } = (request.contexts.needs as { plan: { outputs: Record<string, string> } }).plan;
        staged ??= stageLegs(family.path, outputs['moment'] ?? '');
        await staged;
        return done;
      }
      return await carryOutJob(request, machine, sources);
    };
    let staged: Promise<void> | undefined;
    await using hub = await makeHub({ machine, execute, runners: 1000 });
    const ours = await only(await hub.push(family, 'main')).ended();
    expect(ours.result, ours.text).toBe('success');
    expect(planned).toHaveLength(457);

    const theirs = mergeJobs(planned);
    using other = await testRepository();
    await other.commit({ '.github/workflows/backend.yml': theirs.workflow });
    const merged = async ({ definition }: JobRequest) => ({
      ...done,
      outputs: definition.id === 'matrix' ? theirs.outputs : {},
    });
    await using another = await makeHub({ machine: plainMachine, execute: merged, runners: 1000 });
    const mergeRun = await only(await another.push(other, 'main')).ended();
    expect(mergeRun.result, mergeRun.text).toBe('success');

    const tagged = (await registry.requests()).filter(isTagging);
    // The branch's tag and `latest`, in both destinations.
    expect(new Set(tagged.map(({ path }) => path)).size).toBe(386 * 2 * 2);
    expect(count(ours).other).toBe(3);
    expect(count(mergeRun)).toEqual({ build: 457, other: 387, otherMinutes: 387 });
    const row = (name: string, { build, other, otherMinutes }: Count): string =>
      `| ${name} | ${build} | ${other} | ${otherMinutes} |`;
    const rows = [row('a merge job for each image', count(mergeRun)), row("Fanfold's workflow", count(ours))];
    console.log(`${family.isReal ? 'the real matrix' : 'a generated matrix of the same shape'}\n${rows.join('\n')}`);
    const page = readFileSync(new URL('../../docs/explanation/jobs.md', import.meta.url), 'utf8');
    const withoutMinutes = (line: string): string => line.replace(/[^|]*\|$/, '');
    if (family.isReal) for (const line of rows) expect(page).toContain(withoutMinutes(line));
  });
});
