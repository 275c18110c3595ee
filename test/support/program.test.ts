// A stand-in program does what the test says, when it says so, as a real process.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { makeProgram } from './program.ts';
import { run } from './run.ts';

test('says, runs and ends as told', async () => {
  await using program = await makeProgram('builder');
  const outcome = run(program.path, ['build', '--push'], { env: { PATH: '/usr/bin:/bin', WORD: 'yes' }, cwd: '/tmp' });
  const invocation = await program.next();
  expect(invocation).toMatchObject({ args: ['build', '--push'], cwd: '/tmp', env: { WORD: 'yes' } });
  invocation.stdout('half ');
  expect(await invocation.run('sh', '-c', 'echo $WORD; exit 3')).toEqual({ status: 3, output: 'yes\n' });
  invocation.stdout('done');
  invocation.exit(7);
  expect(await outcome).toMatchObject({ status: 7, stdout: 'half done' });
  await invocation.ended;
  expect(program.starts()).toBe(1);
});

test('a signal is told and ends it', async () => {
  await using program = await makeProgram('builder');
  const child = spawn(program.path);
  const exit = once(child, 'exit');
  const invocation = await program.next();
  child.kill('SIGTERM');
  expect(await invocation.signal()).toBe('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
});

test('with traps a signal is told and survived until the kill', async () => {
  await using program = await makeProgram('builder', { traps: true });
  const child = spawn(program.path);
  const exit = once(child, 'exit');
  const invocation = await program.next();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    child.kill(signal);
    expect(await invocation.signal()).toBe(signal);
  }
  child.kill('SIGKILL');
  await invocation.ended;
  expect(await exit).toEqual([null, 'SIGKILL']);
});

test('it ends with its test', async () => {
  const program = await makeProgram('builder');
  const child = spawn(program.path);
  const exit = once(child, 'exit');
  await program.next();
  await program[Symbol.asyncDispose]();
  expect(await exit).toEqual([70, null]);
});
