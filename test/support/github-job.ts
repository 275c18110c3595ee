// What a GitHub runner does with a step: its inputs and environment, its log, and the files that it writes to, read as the runner reads them.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, runOk } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The values of a GITHUB_OUTPUT (or GITHUB_ENV) file. Throws where a runner would refuse it. */
export function parseOutputs(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n');
  const values: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name === undefined || delimiter === undefined) throw new Error(`not as a runner takes it: ${line}`);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new Error(`${name} does not end`);
    values[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}

/** The action as a workflow gets it. */
const actionFile = fileURLToPath(new URL('../../dist/action.cjs', import.meta.url));

/** What one step is given. */
export interface ActionStep {
  readonly inputs: Readonly<Record<string, string>>;
  /** Over the plain environment of a push to main. */
  readonly env?: Readonly<Record<string, string>>;
  /** GitHub's event file. */
  readonly payload?: unknown;
  /** Another Node.js than that of the tests. */
  readonly node?: string;
}

/** What one step came to. */
export interface ActionResult {
  readonly status: number | undefined;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Files that it left in the runner's temporary folder. */
  readonly temp: readonly string[];
}

/** Runs the action in a checkout, as a runner does: inputs in INPUT_*, results in files. */
export async function runAction(workspace: string, step: ActionStep): Promise<ActionResult> {
  using folder = temporaryFolder('job');
  const file = (name: string): string => join(folder.path, name);
  mkdirSync(file('temp'));
  for (const name of ['output', 'summary']) writeFileSync(file(name), '');
  writeFileSync(file('event.json'), JSON.stringify(step.payload ?? {}));
  const inputs = Object.entries(step.inputs).map(([name, text]) => [`INPUT_${name.toUpperCase()}`, text]);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
    DOCKER_CONFIG: join(folder.path, 'no-docker'),
    TMPDIR: '/tmp',
    ...jobEnvironment,
    GITHUB_WORKSPACE: workspace,
    GITHUB_SHA: (await runOk('git', ['rev-parse', 'HEAD'], { cwd: workspace })).trim(),
    GITHUB_OUTPUT: file('output'),
    GITHUB_STEP_SUMMARY: file('summary'),
    GITHUB_EVENT_PATH: file('event.json'),
    RUNNER_TEMP: file('temp'),
    ...step.env,
    ...Object.fromEntries(inputs),
  };
  const { status, stdout, stderr } = await run(step.node ?? process.execPath, [actionFile], { cwd: workspace, env });
  return {
    status,
    log: stdout + stderr,
    outputs: parseOutputs(readFileSync(file('output'), 'utf8')),
    summary: readFileSync(file('summary'), 'utf8'),
    temp: readdirSync(file('temp')),
  };
}

const jobEnvironment = {
  GITHUB_ACTIONS: 'true',
  CI: 'true',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REPOSITORY: 'acme/tools',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_RUN_ID: '77',
  RUNNER_NAME: 'test runner',
};

/**
 * What a runner obeys in a log, by its own rules (actions/runner, ActionCommandManager): lines whose first word is `::NAME`, and the old form `##[NAME]`
 * anywhere in a line; between `::stop-commands::TOKEN` and `::TOKEN::` none.
 */
export function obeyed(log: string): readonly string[] {
  let token: string | undefined;
  return log.split(/\r?\n|\r/).flatMap((line) => {
    const name = /^\s*::([\w-]+)(?: [^\n]*?)?::/.exec(line)?.[1] ?? /##\[([\w-]+)[^\]]*\]/.exec(line)?.[1];
    if (name === undefined) return [];
    if (token !== undefined) {
      if (name.toLowerCase() === token.toLowerCase()) token = undefined;
      return [];
    }
    if (name === 'stop-commands') {
      token = line.replace(/^\s*::stop-commands::/, '').trim();
      return [];
    }
    return [line];
  });
}
