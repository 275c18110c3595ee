// An action's action.yml, checked by GitHub's own schema.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMapping, NoOperationTraceWriter } from '@actions/workflow-parser';
import { parseAction } from '@actions/workflow-parser/actions/action-parser';
import { type ActionTemplate, convertActionTemplate } from '@actions/workflow-parser/actions/action-template';
import { evaluateString, type Scope } from './expression.ts';

/** An action of JavaScript: what is run, by which Node.js, and what its inputs are without a word from the workflow. */
export interface ActionFile {
  readonly main: string;
  readonly using: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Reads an action of a folder. Throws where GitHub would, for an input that it does not have, and for kinds that are not carried out. */
export function readAction(folder: string, given: Readonly<Record<string, string>>, scope: Scope): ActionFile {
  const path = join(folder, 'action.yml');
  const { context, value } = parseAction(
    { name: path, content: readFileSync(path, 'utf8') },
    new NoOperationTraceWriter(),
  );
  const template = value === undefined || !isMapping(value) ? undefined : convertActionTemplate(context, value);
  const mistakes = context.errors.getErrors().map(({ message }) => message);
  if (template === undefined || mistakes.length > 0) throw new Error(mistakes.join('\n') || `${path} is empty`);
  const { runs } = template;
  if (!('main' in runs)) throw new Error(`${path}: only JavaScript actions are carried out`);
  if (runs.pre !== undefined || runs.post !== undefined) throw new Error(`${path}: pre and post are not carried out`);
  return { main: join(folder, runs.main), using: runs.using, inputs: inputsOf(template, given, scope) };
}

function inputsOf(
  template: ActionTemplate,
  given: Readonly<Record<string, string>>,
  scope: Scope,
): Readonly<Record<string, string>> {
  const definitions = template.inputs ?? [];
  const names = definitions.map(({ id }) => id.toLowerCase());
  // GitHub only warns; a generated workflow that names an input in vain is a mistake.
  const strange = Object.keys(given).filter((name) => !names.includes(name.toLowerCase()));
  if (strange.length > 0) throw new Error(`Unexpected input(s) '${strange.join("', '")}', valid inputs are ${names}`);
  const defaults = definitions.flatMap(({ id, default: token }) =>
    token === undefined ? [] : [[id.toLowerCase(), evaluateString(token, scope)] as const],
  );
  const written = Object.entries(given).map(([name, value]) => [name.toLowerCase(), value] as const);
  return Object.fromEntries([...defaults, ...written]);
}
