import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { obeyed } from '../../../test/support/github-job.ts';
import { nodeHost } from '../../base/host/host.ts';
import { createSecrets } from '../../base/host/secrets.ts';
import { workflowCommand } from './command.ts';
import { createJobLog } from './log.ts';

function logOf(run: (log: ReturnType<typeof createJobLog>) => void, secrets = createSecrets()): string {
  const written: string[] = [];
  const log = createJobLog((text) => void written.push(text), nodeHost().random, secrets);
  run(log);
  log.end();
  return written.join('');
}

/** Text as a builder may print it, or a name may be: whatever a runner could take for a command. */
const hostile = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom(
        '::',
        '##[',
        'error',
        'add-mask',
        'stop-commands',
        ']',
        ' ',
        'file=a',
        ',',
        ':',
        '%',
        '%0A',
        '\n',
        '\r',
        '\r\n',
        'x',
      ),
    )
    .map((words) => words.join('')),
);

describe('a log', () => {
  test('no text but our own is obeyed, wherever it stands', () => {
    const step = fc.tuple(fc.constantFrom('note', 'group', 'annotate'), hostile, hostile);
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const text = logOf((log) => {
          for (const [kind, first, second] of steps) {
            if (kind === 'note') log.note(first);
            if (kind === 'group') log.group(first);
            if (kind === 'annotate') log.annotate('error', { file: first, line: 1 }, second);
          }
        });
        const names = obeyed(text).map((line) => /^::([\w-]+)/.exec(line)?.[1]);
        expect(names.every((name) => name === 'group' || name === 'endgroup' || name === 'error')).toBe(true);
        expect(names.filter((name) => name === 'error')).toHaveLength(
          steps.filter(([kind]) => kind === 'annotate').length,
        );
        expect(names.filter((name) => name === 'group')).toHaveLength(
          steps.filter(([kind]) => kind === 'group').length,
        );
      }),
      { numRuns: 500 },
    );
  });

  test('a property or a message says exactly what it was given', () => {
    fc.assert(
      fc.property(hostile, hostile, (file, message) => {
        const line = workflowCommand('error', { file }, message);
        expect(line).not.toMatch(/[\r\n]/);
        const [, told = '', said] = /^::error(?: file=([^:,]*))?::(.*)$/s.exec(line) ?? [];
        const read = (text: string): string =>
          text
            .replaceAll('%3A', ':')
            .replaceAll('%2C', ',')
            .replaceAll('%0D', '\r')
            .replaceAll('%0A', '\n')
            .replaceAll('%25', '%');
        expect([read(told), said?.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')]).toEqual([
          file,
          message,
        ]);
      }),
    );
  });

  test('groups end before the next begins, and at the end', () => {
    const text = logOf((log) => {
      log.group('a');
      log.group('b');
    });
    expect(obeyed(text)).toEqual(['::group::a', '::endgroup::', '::group::b', '::endgroup::']);
  });

  test('a secret is in no line but that which masks it', () => {
    const secrets = createSecrets();
    secrets.add('hunter22');
    const text = logOf((log) => {
      log.mask('hunter22');
      log.note('hunter22');
      log.group('hunter22');
      log.annotate('error', {}, 'hunter22');
    }, secrets);
    expect(text.split('\n').filter((line) => line.includes('hunter22'))).toEqual(['::add-mask::hunter22']);
  });
});
