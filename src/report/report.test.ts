import { describe, expect, test } from 'vitest';
import { DiagnosticsError } from '../base/errors/diagnostic.ts';
import { FanfoldError } from '../base/errors/error.ts';
import { codeFrame, describeError } from './diagnostics.ts';
import { createStyle, printable, printableLine, wantsColour } from './style.ts';
import { displayWidth, formatDuration, formatSize, formatTable } from './table.ts';
import { createLiveList } from './terminal.ts';

const plain = createStyle(false);

describe('tables', () => {
  test('columns fit their widest cell; wide characters count two', () => {
    expect(
      formatTable([
        ['a', 'b'],
        ['漢字', 'c'],
        ['abc', ''],
      ]),
    ).toBe('a     b\n漢字  c\nabc   ');
    expect(displayWidth(createStyle(true).red('abc'))).toBe(3);
  });
  test.for([
    { given: 12, want: '12 ms' },
    { given: 1234, want: '1.2 s' },
    { given: 200_000, want: '3 min 20 s' },
  ])('$given ms is $want', ({ given, want }) => expect(formatDuration(given)).toBe(want));
  test.for([
    { given: 0, want: '0 B' },
    { given: 1023, want: '1023 B' },
    { given: 1536, want: '1.5 KiB' },
    { given: 3 * 1024 ** 3, want: '3.0 GiB' },
  ])('$given bytes are $want', ({ given, want }) => expect(formatSize(given)).toBe(want));
});

describe('errors', () => {
  const textOf = (): string => 'targets:\n  api:\n    platfroms: [linux/amd64]\n';
  test('show the place, the line and the way out', () => {
    const error = new DiagnosticsError([
      {
        code: 'config.invalid',
        severity: 'error',
        message: 'unknown key platfroms',
        place: { file: 'fanfold.yaml', line: 3, column: 5 },
        hint: 'did you mean platforms?',
      },
    ]);
    expect(describeError(error, plain, textOf)).toBe(
      [
        'error [config.invalid]: unknown key platfroms',
        '  at fanfold.yaml:3:5',
        '  2 |   api:',
        '  3 |     platfroms: [linux/amd64]',
        '    |     ^',
        '  hint: did you mean platforms?',
      ].join('\n'),
    );
  });
  test('without a file name what is known', () => {
    const error = new FanfoldError('host.network', 'no answer', { place: { registry: 'ghcr.io', target: 'api' } });
    expect(describeError(error, plain, textOf)).toBe('error [host.network]: no answer\n  at target api, ghcr.io');
  });
  test('a place past the end has no frame', () => expect(codeFrame('a', { line: 9 })).toBeUndefined());
});

describe('style', () => {
  test('text from outside cannot steer the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007c\u009bd')).toBe('ab\ufffdc\ufffdd');
  });
  test('nor command the runner that reads it', () => {
    expect(printable('a\n::error::b\n  ::add-mask::c\n\r::d::\ne')).toBe(
      'a\n· ::error::b\n·   ::add-mask::c\n\ufffd::d::\ne',
    );
    expect(printableLine('f\n::error::b\r\nc\u2028d')).toBe('f\\n::error::b\\nc\ufffdd');
  });
  test.for([
    { name: 'a terminal', isTerminal: true, env: {}, want: true },
    { name: 'a pipe', isTerminal: false, env: {}, want: false },
    { name: 'NO_COLOR', isTerminal: true, env: { NO_COLOR: '1' }, want: false },
    { name: 'a dumb terminal', isTerminal: true, env: { TERM: 'dumb' }, want: false },
  ])('$name: $want', ({ isTerminal, env, want }) => expect(wantsColour(isTerminal, env)).toBe(want));
});

describe('the live list', () => {
  test('draws what is under way below what is done, within the screen', () => {
    const written: string[] = [];
    const screen = {
      write: (text: string) => void written.push(text),
      columns: () => 40,
      rows: () => 10,
      nowMs: () => 5000,
    };
    const list = createLiveList(screen, plain);
    list.on({ kind: 'run-started', legs: ['api@linux/amd64'], targets: ['api'] });
    list.on({ kind: 'leg-started', leg: 'api@linux/amd64', builder: 'direct', reason: 'it has no RUN' });
    list.on({ kind: 'leg-log', leg: 'api@linux/amd64', line: `a very long line ${'x'.repeat(200)}` });
    list.tick();
    const lines = written.join('').split('\n');
    expect(lines.every((line) => displayWidth(printable(line)) < 40)).toBe(true);
    list.on({ kind: 'leg-ended', leg: 'api@linux/amd64', outcome: { kind: 'failed', error: new Error('broken') } });
    expect(written.join('')).toContain('failed  api@linux/amd64\n  error: broken');
    expect(written.join('')).toContain('api@linux/amd64 | a very long line');
    list.end();
  });
});
