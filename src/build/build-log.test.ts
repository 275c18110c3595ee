import { describe, expect, test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { createSecrets } from '../base/host/secrets.ts';
import { buildFailed, createBuildLog, dockerfileLine, stepLine } from './build-log.ts';
import type { BuildEvent } from './builder.ts';

const rule = '--------------------';

describe('dockerfileLine', () => {
  test.for([
    {
      name: 'the line above the excerpt',
      lines: ['Dockerfile:3', rule, '   3 | >>> RUN false', rule, 'ERROR: x'],
      want: 3,
    },
    { name: 'a file of another name', lines: ['my.Dockerfile:12', rule], file: 'my.Dockerfile', want: 12 },
    { name: 'the last of several', lines: ['Dockerfile:1', rule, 'Dockerfile:9', rule], want: 9 },
    { name: 'none where no rule follows', lines: ['Dockerfile:3', 'ERROR: x'], want: undefined },
    { name: 'none in an empty log', lines: [], want: undefined },
    {
      name: 'not a line that a step printed about a port',
      lines: ['#5 0.1 listening on 127.0.0.1:80', rule],
      want: undefined,
    },
  ])('$name', ({ lines, file, want }) => expect(dockerfileLine(lines, file ?? 'Dockerfile')).toBe(want));
});

describe('stepLine', () => {
  const text = 'FROM scratch\n\nRUN echo "hello"; \\\n  false\nCOPY a /b\n';
  test.for([
    {
      name: 'a RUN over two lines',
      log: String.raw`Error: building at STEP "RUN echo \"hello\";   false": exit status 1`,
      want: 3,
    },
    { name: 'a COPY', log: 'Error: building at STEP "COPY a /b": no such file', want: 5 },
    { name: 'a step of a base image', log: 'Error: building at STEP "RUN other": exit status 1', want: undefined },
    { name: 'no step', log: 'Error: no such image', want: undefined },
  ])('$name', ({ log, want }) => expect(stepLine(['STEP 1/2: FROM scratch', log], text)).toBe(want));
});

test('a log tells each line without secrets and terminal controls, and keeps its end', () => {
  const told: BuildEvent[] = [];
  const secrets = createSecrets();
  secrets.add('hunter22');
  const log = createBuildLog((event) => told.push(event), secrets);
  log.hear('\u001b[31mpassword is hunter22\u001b[0m\u0007');
  expect(told).toEqual([{ kind: 'log', line: 'password is ***' }]);
  for (let line = 0; line < 500; line++) log.hear(`line ${line}`);
  expect(log.lines()).toHaveLength(200);
  expect(log.lines().at(-1)).toBe('line 499');
});

test('a failure shows the last 20 lines and stands at the Dockerfile line', () => {
  const log = createBuildLog(() => undefined, createSecrets());
  for (let line = 0; line < 40; line++) log.hear(`step ${line}`);
  for (const line of ['Dockerfile:7', rule, '   7 | >>> RUN false', rule, 'ERROR: failed']) log.hear(line);
  const error = buildFailed({ keyed: keyedLeg() }, 'docker buildx build', 1, log);
  expect(error.code).toBe('build.failed');
  expect(error.place).toEqual({ target: 'app', file: 'Dockerfile', line: 7 });
  expect(error.message.split('\n')).toHaveLength(21);
  expect(error.message).toContain('ERROR: failed');
  expect(error.message).not.toContain('step 24\n');
});
