// Carries out one step: a script by bash, a checkout, or an action's program.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAction } from './action-file.ts';
import { checkOut } from './checkout.ts';
import { evaluateString, evaluateStrings, type Scope } from './expression.ts';
import type { JobLog } from './log.ts';
import { runProcess } from './process.ts';
import type { Machine, Runner } from './runner.ts';
import type { Fields } from './workflow-file.ts';

/** Where actions and repositories come from. */
export interface Sources {
  /** The hosted repository's address for `owner/name`. */
  readonly repository: (fullName: string) => string;
  /** The folder of an action that is neither checkout nor in the workspace. */
  readonly action: (uses: string) => string;
}

/** What a step works with. */
export interface StepPlace {
  readonly runner: Runner;
  readonly machine: Machine;
  readonly sources: Sources;
  readonly log: JobLog;
  readonly scope: Scope;
  /** The whole environment of its processes. */
  readonly env: Readonly<Record<string, string>>;
  readonly shell: string | undefined;
  /** The workflow's path; of another repository's as it was called. */
  readonly workflowPath: string;
  readonly workingDirectory: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly number: number;
  readonly signal: AbortSignal;
}

/** Runs the step; gives its status, 0 if all is well. Throws where the runner itself fails it. */
export async function runStep(fields: Fields, place: StepPlace): Promise<number> {
  const run = fields('run');
  if (run !== undefined) return await runScript(evaluateString(run, place.scope), fields, place);
  const uses = ofRepository(String(fields('uses')), place.workflowPath);
  place.log.runnerLine(`##[group]Run ${uses}`);
  const inputs = evaluateStrings(fields('with'), place.scope);
  for (const [name, value] of Object.entries(inputs)) place.log.runnerLine(`  ${name}: ${value}`);
  place.log.runnerLine('##[endgroup]');
  if (uses.startsWith('actions/checkout@')) return await runCheckout(inputs, place);
  return await runAction(uses, inputs, place);
}

// `$/` is the repository that the workflow itself is of.
function ofRepository(uses: string, workflowPath: string): string {
  if (!uses.startsWith('$/')) return uses;
  const [, repository, ref] = /^([^/]+\/[^/]+)\/.*@(.+)$/.exec(workflowPath) ?? [];
  if (repository === undefined) throw new Error(`${uses} is carried out in workflows of other repositories only`);
  return `${repository}${uses.slice('$'.length).replace(/\/$/, '')}@${ref}`;
}

const shells: Readonly<Record<string, readonly string[]>> = {
  bash: ['bash', '--noprofile', '--norc', '-eo', 'pipefail'],
  sh: ['sh', '-e'],
};

async function runScript(script: string, fields: Fields, place: StepPlace): Promise<number> {
  const { runner, log, scope, env, signal, machine } = place;
  const shell = fields('shell') === undefined ? place.shell : evaluateString(fields('shell'), scope);
  const command = shell === undefined ? ['bash', '-e'] : shells[shell];
  if (command === undefined) throw new Error(`shell: ${shell} is not carried out`);
  log.runnerLine(`##[group]Run ${script.split('\n')[0]}`);
  for (const line of script.trimEnd().split('\n')) log.runnerLine(line);
  log.runnerLine(`shell: ${command.join(' ')} {0}`);
  log.runnerLine('##[endgroup]');
  const file = join(runner.temp, `${place.number}.sh`);
  writeFileSync(file, script);
  const folder =
    fields('working-directory') === undefined
      ? place.workingDirectory
      : evaluateString(fields('working-directory'), scope);
  const [program = '', ...args] = command;
  return await runProcess({
    ...{ file: program, args: [...args, file], cwd: join(runner.workspace, folder), env, signal },
    ...{ onLine: log.stepLine, grace: machine.grace },
  });
}

async function runCheckout(inputs: Readonly<Record<string, string>>, place: StepPlace): Promise<number> {
  const github = place.scope.contexts['github'] as Readonly<Record<string, string>>;
  const { repository = github['repository'] ?? '', ...rest } = inputs;
  // A public repository can be read without; GitHub's own page asks for `contents: read` all the same.
  if (place.permissions['contents'] === undefined) throw new Error('the token has no `contents: read`');
  await checkOut({
    ...{ url: place.sources.repository(repository), workspace: place.runner.workspace, inputs: rest },
    ...{ ref: github['ref'] ?? '', sha: github['sha'] ?? '', token: github['token'] ?? '' },
  });
  return 0;
}

async function runAction(uses: string, inputs: Readonly<Record<string, string>>, place: StepPlace): Promise<number> {
  const { runner, machine, env, scope, signal, log } = place;
  const isLocal = uses.startsWith('./');
  const folder = isLocal ? join(runner.workspace, uses) : place.sources.action(uses);
  const action = readAction(folder, inputs, scope);
  const node = machine.nodes[action.using];
  if (node === undefined) throw new Error(`${uses} wants ${action.using}, which this machine does not have`);
  const [repository = '', ref = ''] = isLocal ? [] : uses.split('@');
  const given = Object.entries(action.inputs).map(([name, value]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    value,
  ]);
  return await runProcess({
    ...{ file: node, args: [action.main], cwd: runner.workspace, signal, onLine: log.stepLine, grace: machine.grace },
    env: { ...env, ...Object.fromEntries(given), GITHUB_ACTION_REPOSITORY: repository, GITHUB_ACTION_REF: ref },
  });
}
