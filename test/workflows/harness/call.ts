// A job that calls a reusable workflow: its inputs, secrets, rights and outputs.

import type { CellOutcome, CellRequest } from './cell.ts';
import { asText, evaluateString, evaluateToken, type Scope } from './expression.ts';
import type { JobContexts } from './job-request.ts';
import { type JobStates, jobOfCells } from './job-state.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import type { Permissions } from './permissions.ts';
import { fieldsOf, inputDefaults, type WorkflowFile } from './workflow-file.ts';

/** How deep GitHub lets workflows call each other. */
const maxDepth = 10;

/** Carries out the workflow that a job calls, under the job's name and with no more than its rights. */
export async function callWorkflow(
  request: CellRequest,
  name: string,
  contexts: JobContexts,
  granted: Permissions,
): Promise<CellOutcome> {
  const { frame, definition } = request;
  if (frame.depth >= maxDepth) throw new Error(`more than ${maxDepth} workflows call each other`);
  const workflow = await frame.shared.readWorkflow(definition.uses ?? '');
  const scope: Scope = { contexts: { ...contexts } };
  const states = await frame.shared.carryOut({
    ...{ shared: frame.shared, workflow, github: frame.github, vars: frame.vars, granted },
    inputs: inputsOf(workflow, evaluateToken(definition.fields('with'), scope), scope),
    secrets: secretsOf(
      workflow,
      definition.fields('secrets') === undefined ? {} : evaluateToken(definition.fields('secrets'), scope),
      frame.secrets,
    ),
    ...{ isCall: true, prefix: `${name} / `, depth: frame.depth + 1, previous: request.earlier?.called },
  });
  const { result } = jobOfCells(
    definition.id,
    [...states.values()].map((state) => ({ ...emptyCell, result: state.result })),
  );
  return {
    result,
    outputs: outputsOf(workflow, states, contexts),
    report: undefined,
    called: states,
    error: undefined,
  };
}

const emptyCell = {
  name: '',
  matrix: undefined,
  outputs: {},
  attempt: 0,
  report: undefined,
  called: undefined,
  error: undefined,
};

function inputsOf(workflow: WorkflowFile, given: Json, scope: Scope): JsonObject {
  const written = isObject(given) ? given : {};
  const call = workflow.events.workflow_call;
  if (call === undefined) throw new Error(`${workflow.path} is not made to be called`);
  const definitions = call.inputs ?? {};
  const strange = Object.keys(written).filter((name) => !Object.hasOwn(definitions, name));
  if (strange.length > 0) throw new Error(`${workflow.path} has no input ${strange.join(', ')}`);
  for (const [name, { required }] of Object.entries(definitions)) {
    if (required === true && written[name] === undefined) throw new Error(`the input ${name} is required`);
  }
  return { ...inputDefaults(workflow, 'workflow_call', scope), ...written };
}

// Only what is handed on is there; `inherit` hands on all.
function secretsOf(workflow: WorkflowFile, given: Json, callers: JsonObject): JsonObject {
  if (given === 'inherit') return callers;
  const written = isObject(given) ? given : {};
  const definitions = workflow.events.workflow_call?.secrets ?? {};
  for (const [name, { required }] of Object.entries(definitions)) {
    if (required === true && written[name] === undefined) throw new Error(`the secret ${name} is required`);
  }
  return Object.fromEntries(Object.entries(written).map(([name, value]) => [name, asText(value)]));
}

function outputsOf(workflow: WorkflowFile, states: JobStates, contexts: JobContexts): Readonly<Record<string, string>> {
  const written = fieldsOf(fieldsOf(workflow.fields('on'))('workflow_call'))('outputs');
  const jobs = Object.fromEntries([...states].map(([id, { result, outputs }]) => [id, { result, outputs }]));
  const { github, vars, inputs } = contexts;
  const scope: Scope = { contexts: { github, vars, inputs, jobs } };
  if (written === undefined) return {};
  const names = Object.keys(evaluateToken(written, { contexts: scope.contexts }) as JsonObject);
  return Object.fromEntries(
    names.map((name) => [name, evaluateString(fieldsOf(fieldsOf(written)(name))('value'), scope)]),
  );
}
