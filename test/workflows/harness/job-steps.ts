// Carries out the steps of a job, one after the other: its condition, its environment, its time, what it wrote.

import { isReservedName, parseAssignments, parsePaths } from './command-files.ts';
import { evaluateCondition, evaluateStrings, evaluateToken, type Scope } from './expression.ts';
import { githubVariables } from './github-context.ts';
import { makeStepFiles, type StepWritings } from './job-files.ts';
import type { Result } from './job-request.ts';
import { isObject, type JsonObject } from './json.ts';
import { type Job, jobScope, tell } from './running-job.ts';
import { runStep } from './step.ts';
import { fieldsOf, type StepDefinition } from './workflow-file.ts';

const maxSummaryBytes = 1024 * 1024;
/** Minutes after which even a step that runs `always()` is ended, once its job is cancelled. */
const forcedMinutes = 5;

/** Carries out the nth step; never throws for what the step does. */
export async function carryOutStep(job: Job, step: StepDefinition, number: number): Promise<void> {
  const id = step.id ?? `__${number}`;
  const name = step.fields('name') ?? step.fields('uses') ?? step.fields('run');
  if (!evaluateCondition(step.condition, jobScope(job))) return settleStep(job, id, String(name), {}, 'skipped', false);
  const files = makeStepFiles(job.runner.temp, number);
  let outputs: JsonObject = {};
  let outcome: Result = 'failure';
  try {
    outcome = await attemptStep(job, step, number, files.env);
  } catch (error) {
    tell(job, error);
  }
  try {
    outputs = takeWritings(job, files.read());
  } catch (error) {
    tell(job, error);
    outcome = 'failure';
  }
  job.log.stepEnds();
  const forgiven = evaluateToken(step.fields('continue-on-error'), jobScope(job)) === true;
  settleStep(job, id, String(name), outputs, outcome, forgiven);
}

async function attemptStep(
  job: Job,
  step: StepDefinition,
  number: number,
  files: Readonly<Record<string, string>>,
): Promise<Result> {
  const stepEnv = evaluateStrings(step.fields('env'), jobScope(job));
  const env = { ...job.env, ...stepEnv };
  const scope = jobScope(job, env);
  const minutes = Number(evaluateToken(step.fields('timeout-minutes'), scope) ?? 0);
  const limit = minutes > 0 ? AbortSignal.timeout(minutes * job.machine.minuteMs) : undefined;
  using cancel = stepCancel(job, step);
  const refused = job.log.refusals.length;
  const status = await runStep(step.fields, {
    ...{ runner: job.runner, machine: job.machine, sources: job.sources, log: job.log, scope, number },
    env: processEnv(job, env, files, step.id ?? `__${number}`),
    ...defaultsOf(job, scope),
    permissions: job.request.permissions,
    workflowPath: job.request.workflow.path,
    signal: limit === undefined ? cancel.signal : AbortSignal.any([cancel.signal, limit]),
  });
  if (cancel.signal.aborted) return 'cancelled';
  if (limit?.aborted) throw new Error(`The action has timed out after ${minutes} minutes`);
  if (job.log.refusals.length > refused) throw new Error(job.log.refusals.at(-1));
  if (status !== 0) throw new Error(`Process completed with exit code ${status}.`);
  return 'success';
}

// A step whose condition still holds when its job is cancelled runs on, for some minutes.
function stepCancel(job: Job, step: StepDefinition): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let forced: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    const stays = evaluateCondition(step.condition, jobScope(job));
    if (!stays) controller.abort();
    else forced = setTimeout(() => controller.abort(), forcedMinutes * job.machine.minuteMs);
  };
  if (job.signal.aborted) onAbort();
  else job.signal.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      clearTimeout(forced);
      job.signal.removeEventListener('abort', onAbort);
    },
  };
}

function processEnv(
  job: Job,
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  id: string,
): Record<string, string> {
  const { runner, github } = job;
  const path = [...job.paths, runner.env['PATH'] ?? ''].join(':');
  return { ...runner.env, ...githubVariables(github), GITHUB_ACTION: id, ...env, PATH: path, ...files };
}

function defaultsOf(job: Job, scope: Scope): { readonly shell: string | undefined; readonly workingDirectory: string } {
  const written = [job.request.workflow.fields('defaults'), job.request.definition.fields('defaults')];
  const runs = written.map((token) => evaluateToken(fieldsOf(token)('run'), scope));
  const values: JsonObject = Object.assign({}, ...runs.filter((run) => isObject(run ?? undefined)));
  const { shell, 'working-directory': folder } = values;
  return {
    shell: typeof shell === 'string' ? shell : undefined,
    workingDirectory: typeof folder === 'string' ? folder : '',
  };
}

function takeWritings(job: Job, writings: StepWritings): JsonObject {
  for (const [name, value] of parseAssignments(writings.env)) {
    if (isReservedName(name)) throw new Error(`GITHUB_ENV may not set ${name}`);
    job.env = { ...job.env, [name]: value };
  }
  job.paths = [...parsePaths(writings.path), ...job.paths];
  if (Buffer.byteLength(writings.summary) > maxSummaryBytes) {
    job.log.stepLine('::error::the step summary is larger than 1024k and is not shown');
  } else if (writings.summary !== '') {
    if (job.masks.isIn(writings.summary))
      job.log.stepLine(`summary: ${writings.summary.split('\n').find(job.masks.isIn)}`);
    job.summaries.push(job.masks.hide(writings.summary));
  }
  return Object.fromEntries(parseAssignments(writings.output));
}

function settleStep(job: Job, id: string, name: string, outputs: JsonObject, outcome: Result, forgiven: boolean): void {
  const conclusion = outcome === 'failure' && forgiven ? 'success' : outcome;
  if (conclusion === 'failure') job.hasFailed = true;
  job.steps[id] = { outputs, outcome, conclusion };
  job.reports.push({ name, outcome, conclusion });
}
