// A family in a real Git repository, and the real command run in it.

import { spawn } from 'node:child_process';
import { inject } from 'vitest';
import { type FileSpec, type TestRepository, testRepository } from './repository.ts';
import { type Outcome, run } from './run.ts';

/** A family of a test's own, removed when it goes out of scope (`using`). */
export interface TestFamily extends TestRepository {
  /** Runs `fanfold` in it. */
  fanfold(...args: readonly string[]): Promise<Outcome>;
  /** Begins `fanfold` and does not wait for it. */
  start(...args: readonly string[]): RunningCommand;
}

/** A command that runs. */
export interface RunningCommand {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** What it wrote so far. */
  stderr(): string;
  readonly ended: Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** Makes a repository with these files committed, fanfold.yaml among them. */
export async function testFamily(
  files: Readonly<Record<string, FileSpec>>,
  env: Readonly<Record<string, string>> = {},
): Promise<TestFamily> {
  const repository = await testRepository();
  await repository.commit(files);
  const whole = {
    PATH: process.env['PATH'] ?? '',
    HOME: repository.path,
    DOCKER_CONFIG: '/dev/null',
    TMPDIR: '/tmp',
    ...env,
  };
  const command = [inject('cli')];
  return {
    ...repository,
    fanfold: (...args) => run(process.execPath, [...command, ...args], { cwd: repository.path, env: whole }),
    start: (...args) => begin([...command, ...args], repository.path, whole),
    [Symbol.dispose]: () => repository[Symbol.dispose](),
  };
}

function begin(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): RunningCommand {
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      written[name] += text;
    });
  }
  const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, ...written }));
  });
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), stderr: () => written.stderr, ended };
}

/** `fanfold.yaml` of targets that `direct` builds from a file each, with more lines for each target. */
export function familyYaml(
  destinations: readonly string[],
  targets: Readonly<Record<string, string>>,
  more = '',
): string {
  const list = destinations.map((destination) => JSON.stringify(destination)).join(', ');
  const blocks = Object.entries(targets).map(
    ([name, lines]) => `  ${name}:\n    context: ${name}\n${lines.replace(/^/gm, '    ')}\n`,
  );
  return `destinations: [${list}]\nplatforms: [linux/amd64]\ntags: type=raw,value=latest\n${more}\ntargets:\n${blocks.join('')}`;
}
