// A workflow file, parsed and checked by GitHub's own parser.

import {
  convertWorkflowTemplate,
  isMapping,
  isSequence,
  NoOperationTraceWriter,
  parseWorkflow,
} from '@actions/workflow-parser';
import type { EventsConfig, WorkflowJob } from '@actions/workflow-parser/model/workflow-template';
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { evaluateToken, type Scope } from './expression.ts';
import type { Json, JsonObject } from './json.ts';

/** What is written under a key, as the parser gives it: `undefined` where it is not written. */
export type Fields = (name: string) => TemplateToken | undefined;

/** A step as it is written. `condition` has GitHub's `success()` put in where it names no status function. */
export interface StepDefinition {
  readonly id: string | undefined;
  readonly condition: string;
  readonly fields: Fields;
}

/** A job as it is written. */
export interface JobDefinition {
  readonly id: string;
  readonly condition: string;
  readonly needs: readonly string[];
  readonly steps: readonly StepDefinition[];
  /** The workflow that it calls. */
  readonly uses: string | undefined;
  readonly fields: Fields;
}

/** A workflow that GitHub would take. */
export interface WorkflowFile {
  readonly path: string;
  readonly name: string;
  readonly events: EventsConfig;
  readonly jobs: readonly JobDefinition[];
  readonly fields: Fields;
}

const maxFileBytes = 500 * 1024;
const maxScriptCharacters = 21_000;

/** Parses a workflow. Throws with every mistake that GitHub's parser finds, at its line and column. */
export async function parseWorkflowFile(path: string, content: string): Promise<WorkflowFile> {
  if (Buffer.byteLength(content) > maxFileBytes) throw new Error(`${path} has more than ${maxFileBytes} bytes`);
  const { context, value } = parseWorkflow({ name: path, content }, new NoOperationTraceWriter());
  const template = value === undefined ? undefined : await convertWorkflowTemplate(context, value);
  const mistakes = context.errors.getErrors().map(({ message }) => message);
  if (template === undefined || mistakes.length > 0) throw new Error(mistakes.join('\n') || `${path} is empty`);
  const fields = fieldsOf(value);
  const jobs = template.jobs.map((job) => jobDefinition(job, fieldsOf(mappingOf(fields('jobs')).find(job.id.value))));
  check(jobs);
  return { path, name: String(fields('name') ?? path), events: template.events, jobs, fields };
}

/** The fields of a mapping; none where there is no mapping. */
export function fieldsOf(token: TemplateToken | undefined): Fields {
  return token !== undefined && isMapping(token) ? (name) => token.find(name) : () => undefined;
}

/** What an event's inputs are where nothing is given: their defaults, else empty, false or 0 by their type. */
export function inputDefaults(workflow: WorkflowFile, event: string, scope: Scope): JsonObject {
  const inputs = fieldsOf(fieldsOf(workflow.fields('on'))(event))('inputs');
  if (inputs === undefined || !isMapping(inputs)) return {};
  return Object.fromEntries(
    Array.from(inputs, ({ key, value }) => {
      const fields = fieldsOf(value);
      const empty = emptyInputs[String(fields('type') ?? 'string')] ?? '';
      return [key.toString(), fields('default') === undefined ? empty : evaluateToken(fields('default'), scope)];
    }),
  );
}

const emptyInputs: Readonly<Record<string, Json>> = { boolean: false, number: 0 };

function mappingOf(token: TemplateToken | undefined): MappingToken {
  if (token === undefined || !isMapping(token)) throw new Error('expected a mapping');
  return token;
}

function jobDefinition(job: WorkflowJob, fields: Fields): JobDefinition {
  return {
    id: job.id.value,
    condition: job.if.expression,
    needs: (job.needs ?? []).map(({ value }) => value),
    steps: job.type === 'job' ? stepDefinitions(job.steps, fields('steps')) : [],
    uses: job.type === 'reusableWorkflowJob' ? job.ref.value : undefined,
    fields,
  };
}

function stepDefinitions(
  steps: Extract<WorkflowJob, { type: 'job' }>['steps'],
  token: TemplateToken | undefined,
): readonly StepDefinition[] {
  if (token === undefined || !isSequence(token)) return [];
  return steps.map((step, place) => {
    const fields = fieldsOf(token.get(place));
    const id = fields('id');
    return {
      id: id === undefined ? undefined : String(id),
      condition: step.if?.expression ?? 'success()',
      fields,
    };
  });
}

function check(jobs: readonly JobDefinition[]): void {
  for (const { id, steps, fields } of jobs) {
    refuse(id, fields, ['container', 'services', 'snapshot']);
    for (const step of steps) {
      refuse(id, step.fields, ['background', 'parallel', 'wait', 'wait-all', 'cancel']);
      const length = step.fields('run')?.toString().length ?? 0;
      if (length > maxScriptCharacters) throw new Error(`a script of ${id} has ${length} characters`);
    }
  }
}

function refuse(id: string, fields: Fields, names: readonly string[]): void {
  const found = names.filter((name) => fields(name) !== undefined);
  if (found.length > 0) throw new Error(`${id}: ${found.join(', ')} is not carried out`);
}
