/** A packing as the outputs of a CI job, within what the service takes. */
import { FanfoldError } from '../base/errors/error.ts';
import { type GithubLimits, githubLimits } from '../runners/limits.ts';
import type { Job, Packing } from './pack.ts';

/** An output by name. */
export type Outputs = Readonly<Record<string, string>>;

/**
 * `shards` (how many), `matrix-1`... (each a GitHub matrix: `{include: [{job, runs-on, minutes, legs}]}`; `runs-on` is JSON text of its own, `legs`
 * are names separated by blanks; a shard that is not needed has no output), `any` (`true` where there is anything to build), and what else
 * the job gives.
 * @throws FanfoldError `plan.limit` where they are more than a job's outputs may hold
 */
export function matrixOutputs({ shards }: Packing, more: Outputs = {}, limits: GithubLimits = githubLimits): Outputs {
  const matrices = shards.map((jobs, place) => {
    const include = jobs.map((job) => entryOf(job, limits));
    return [`matrix-${place + 1}`, JSON.stringify({ include })] as const;
  });
  const outputs = {
    any: String(shards.length > 0),
    shards: String(shards.length),
    ...Object.fromEntries(matrices),
    ...more,
  };
  const units = Object.entries(outputs).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (units > limits.outputUnits) {
    throw new FanfoldError(
      'plan.limit',
      `the outputs would hold ${units} characters, and ${limits.name} takes about ${limits.outputUnits} of a job (1 MB, counted as UTF-16)`,
      { hint: 'plan parts of the family with --only in jobs of their own' },
    );
  }
  return outputs;
}

function entryOf({ name, machine, legs, durationMs }: Job, limits: GithubLimits): object {
  return { job: name, 'runs-on': machine, minutes: timeLimit(durationMs, limits), legs: legs.join(' ') };
}

const leastMinutes = 60;
const setUpMinutes = 30;
const margin = 3;

/** When a job is ended, in minutes: long after it should be done, for an end in the middle costs all of it; within what the service allows. */
function timeLimit(durationMs: number, { jobMs }: GithubLimits): number {
  const likely = Math.ceil((durationMs * margin) / 60_000) + setUpMinutes;
  return Math.min(jobMs / 60_000, Math.max(leastMinutes, likely));
}

/**
 * Outputs as GitHub reads them from the file that GITHUB_OUTPUT names. `delimiter` must be random: no value can then end its own text early.
 * @throws FanfoldError `plan.limit` where a value holds the delimiter all the same
 */
export function githubOutputText(outputs: Outputs, delimiter: string): string {
  return Object.entries(outputs)
    .map(([name, value]) => {
      if (value.split('\n').includes(delimiter))
        throw new FanfoldError('plan.limit', `the output ${name} holds its own delimiter`);
      return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
    })
    .join('');
}
