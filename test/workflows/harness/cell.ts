// Carries out one job of a matrix (or the only one): its name, its rights, its group, its place on a runner.

import { callWorkflow } from './call.ts';
import { readConcurrency } from './concurrency.ts';
import { asText, evaluateCondition, evaluateString, evaluateToken, type Scope } from './expression.ts';
import type { Frame } from './frame.ts';
import type { JobContexts, JobReport, Result } from './job-request.ts';
import type { CellState } from './job-state.ts';
import { isList, isObject, type Json, type JsonObject } from './json.ts';
import { cellName } from './matrix.ts';
import { excess, type Permissions, readOnly, readPermissions } from './permissions.ts';
import type { JobDefinition } from './workflow-file.ts';

/** GitHub's limit of the outputs of a run: 50 MB, counted as UTF-16. */
export const maxRunOutputBytes = 50 * 1024 * 1024;
const defaultTimeoutMinutes = 360;

/** A job that may run now. */
export interface CellRequest {
  readonly frame: Frame;
  readonly definition: JobDefinition;
  readonly needs: JsonObject;
  readonly matrix: JsonObject | undefined;
  readonly strategy: JsonObject;
  /** Aborted: another of its matrix failed, and `fail-fast` holds. */
  readonly signal: AbortSignal;
  /** What it did in the attempt before. */
  readonly earlier: CellState | undefined;
}

/** What became of it, without its name. */
export type CellOutcome = Pick<CellState, 'result' | 'outputs' | 'report' | 'called' | 'error'>;

/** Carries out a job; never throws for what the workflow does. */
export async function runCell(request: CellRequest): Promise<CellState> {
  const { frame, definition, matrix } = request;
  const { github, vars, inputs, secrets } = frame;
  const contexts: JobContexts = {
    ...{ github, vars, inputs, secrets, needs: request.needs, strategy: request.strategy },
    matrix: matrix ?? null,
  };
  let name = definition.id;
  let outcome: CellOutcome;
  try {
    name = frame.prefix + nameOf(definition, matrix, { contexts: { ...contexts } });
    outcome = await inGroup(request, name, contexts);
  } catch (error) {
    outcome = failed(error instanceof Error ? error.message : String(error));
  }
  return { name, matrix, attempt: frame.shared.attempt, ...outcome };
}

function nameOf(definition: JobDefinition, matrix: JsonObject | undefined, scope: Scope): string {
  const written = definition.fields('name');
  if (written === undefined) return cellName(definition.id, matrix);
  const name = evaluateString(written, scope);
  return written.isExpression ? name : cellName(name, matrix);
}

async function inGroup(request: CellRequest, name: string, contexts: JobContexts): Promise<CellOutcome> {
  const { frame, definition } = request;
  const cancelling = new AbortController();
  using _end = followCancel(request, contexts, cancelling);
  const rule = readConcurrency(evaluateToken(definition.fields('concurrency'), { contexts: { ...contexts } }));
  if (cancelling.signal.aborted) return notRun('cancelled');
  using _lease =
    rule === undefined ? undefined : await frame.shared.groups.enter(rule, () => cancelling.abort(), cancelling.signal);
  if (rule !== undefined && _lease === undefined) return notRun('cancelled');
  if (definition.uses !== undefined) return await callWorkflow(request, name, contexts, permissionsOf(request));
  return await onRunner(request, name, contexts, cancelling.signal);
}

// Cancelled by its matrix at once; by the run only where its condition no longer holds.
function followCancel(request: CellRequest, contexts: JobContexts, cancelling: AbortController): Disposable {
  const { signal: matrixSignal } = request;
  const { signal: runSignal } = request.frame.shared;
  const { github, vars, inputs, needs } = contexts;
  const status = { cancelled: true, failure: false, success: false };
  const onMatrix = (): void => cancelling.abort();
  const onRun = (): void => {
    if (!evaluateCondition(request.definition.condition, { contexts: { github, vars, inputs, needs }, status }))
      cancelling.abort();
  };
  if (matrixSignal.aborted) onMatrix();
  if (runSignal.aborted) onRun();
  matrixSignal.addEventListener('abort', onMatrix);
  runSignal.addEventListener('abort', onRun);
  return {
    [Symbol.dispose]: () => {
      matrixSignal.removeEventListener('abort', onMatrix);
      runSignal.removeEventListener('abort', onRun);
    },
  };
}

async function onRunner(
  request: CellRequest,
  name: string,
  contexts: JobContexts,
  signal: AbortSignal,
): Promise<CellOutcome> {
  const { frame, definition } = request;
  const { shared } = frame;
  const scope: Scope = { contexts: { ...contexts } };
  const environment = await enterEnvironment(request, name, scope);
  using _slot = await shared.slots.take();
  if (signal.aborted) return notRun('cancelled');
  const asked = permissionsOf(request);
  // What a call may ask for is settled before: a fork's token is less in the end.
  const permissions = shared.isFork ? readOnly(asked) : asked;
  using issued = shared.issueToken(permissions, name);
  const secrets = { ...contexts.secrets, ...environment, GITHUB_TOKEN: issued.token };
  const report = await shared.execute({
    ...{ workflow: frame.workflow, definition, name, permissions, signal },
    labels: labelsOf(evaluateToken(definition.fields('runs-on'), scope)),
    contexts: { ...contexts, secrets, github: { ...contexts.github, token: issued.token } },
    timeoutMinutes: Number(evaluateToken(definition.fields('timeout-minutes'), scope) ?? defaultTimeoutMinutes),
  });
  return countOutputs(frame, report, evaluateToken(definition.fields('continue-on-error'), scope) === true);
}

async function enterEnvironment(request: CellRequest, job: string, scope: Scope): Promise<JsonObject> {
  const written = evaluateToken(request.definition.fields('environment'), scope);
  if (written === null) return {};
  const name = asText(isObject(written) ? (written['name'] ?? null) : written);
  const environment = request.frame.shared.environments[name];
  const isLetIn = (await environment?.approve?.(job)) ?? true;
  if (!isLetIn) throw new Error(`the environment ${name} did not let ${job} in`);
  return request.frame.shared.isFork ? {} : { ...environment?.secrets };
}

function labelsOf(runsOn: Json): string {
  if (isObject(runsOn)) return JSON.stringify(runsOn);
  const labels = isList(runsOn) ? runsOn.map(asText) : [asText(runsOn)];
  if (labels.some((label) => label === '')) throw new Error('runs-on is empty');
  return labels.join(',');
}

function countOutputs(frame: Frame, report: JobReport, isForgiven: boolean): CellOutcome {
  const { outputBytes } = frame.shared;
  for (const [name, value] of Object.entries(report.outputs)) outputBytes.total += 2 * (name.length + value.length);
  if (outputBytes.total > maxRunOutputBytes)
    return { ...failed('the outputs of the run have more than 50 MB'), report };
  const result: Result = report.result === 'failure' && isForgiven ? 'success' : report.result;
  return { result, outputs: report.outputs, report, called: undefined, error: undefined };
}

function permissionsOf({ frame, definition }: CellRequest): Permissions {
  const scope: Scope = { contexts: {} };
  const read = (from: { fields: JobDefinition['fields'] }): Permissions | undefined =>
    readPermissions(evaluateToken(from.fields('permissions'), scope));
  const asked = read(definition) ?? read(frame.workflow) ?? frame.granted;
  const more = frame.isCall ? excess(asked, frame.granted) : [];
  if (more.length > 0) throw new Error(`${definition.id} asks for ${more.join(', ')}, which its caller does not have`);
  return asked;
}

function failed(error: string): CellOutcome {
  return { result: 'failure', outputs: {}, report: undefined, called: undefined, error };
}

function notRun(result: 'cancelled'): CellOutcome {
  return { result, outputs: {}, report: undefined, called: undefined, error: undefined };
}
