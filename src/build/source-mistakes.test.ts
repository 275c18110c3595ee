import { describe, expect, test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { memoryTree } from '../../test/support/memory-tree.ts';
import { createSecrets } from '../base/host/secrets.ts';
import { buildFailed, createBuildLog } from './build-log.ts';

const files = { 'src/main.c': '', 'src/util.c': '', 'lib/util.c': '', 'node_modules/x/index.js': '', 'run.sh': '' };
const keyed = keyedLeg({
  target: { context: 'api', contexts: { shared: { kind: 'folder', path: 'common' } } },
  inputs: {
    context: memoryTree(files),
    folders: new Map([['shared', memoryTree({ 'src/shared.c': '' })]]),
    dockerfile: { path: 'api/Dockerfile', text: 'FROM scratch\n' },
  },
});

function mistakesOf(lines: readonly string[]): readonly string[] {
  const log = createBuildLog(() => undefined, createSecrets());
  for (const line of lines) log.hear(line);
  return buildFailed({ keyed }, 'docker buildx build', 1, log).mistakes.map(
    ({ file, line, column, message }) => `${file}:${line}:${column ?? ''} ${message}`,
  );
}

const failed = (...lines: readonly string[]) => [
  ...lines.map((line) => `#7 0.1 ${line}`),
  '#7 ERROR: process "make" failed',
];

describe('a path of the build is the family’s own', () => {
  test.for<[string, string, string | undefined]>([
    ['from the context’s folder', 'src/main.c', 'api/src/main.c'],
    ['with a dot before it', './src/main.c', 'api/src/main.c'],
    ['where the Dockerfile put it', '/work/app/src/main.c', 'api/src/main.c'],
    ['from a folder below', '../src/main.c', 'api/src/main.c'],
    ['in a named context', '/s/src/shared.c', 'common/src/shared.c'],
    ['by its name, where there is one', '/app/main.c', 'api/src/main.c'],
    ['by more than its name, where there are several', '/app/lib/util.c', 'api/lib/util.c'],
    ['not where it could be either', '/app/util.c', undefined],
    ['not where it is the system’s', '/usr/include/main.c', undefined],
    ['not where a package manager brought it', '/app/node_modules/y/main.c', undefined],
    ['not where nothing is called so', '/app/other.c', undefined],
    ['not outside', '../../../etc/passwd', undefined],
  ])('%s', ([, path, want]) => {
    expect(mistakesOf(failed(`${path}:3:1: error: wrong`))).toEqual(want === undefined ? [] : [`${want}:3:1 wrong`]);
  });
});

describe('of a builder’s log', () => {
  test('the step that failed alone counts, and each mistake once', () => {
    const lines = [
      '#6 0.1 src/main.c:1:1: error: tolerated',
      '#6 DONE 0.2s',
      ...failed('src/main.c:2:1: error: wrong'),
    ];
    const excerpt = ['------', ' > [2/2] RUN make:', '0.1 src/main.c:2:1: error: wrong', '------'];
    expect(mistakesOf([...lines, ...excerpt])).toEqual(['api/src/main.c:2:1 wrong']);
  });

  test('what another step says between the two lines of one does not part them', () => {
    const lines = [
      '#7 0.1 error[E0001]: wrong',
      '#8 0.1 error: other',
      '#7 0.1  --> src/main.c:9:4',
      '#7 ERROR: exit 1',
    ];
    expect(mistakesOf(lines)).toEqual(['api/src/main.c:9:4 wrong']);
  });

  test('a step cannot say that another failed', () => {
    const lines = ['#6 0.1 #6 ERROR: no', '#6 0.1 src/main.c:1:1: error: tolerated', ...failed('nothing')];
    expect(mistakesOf(lines)).toEqual([]);
  });

  test('all of it counts where steps are not told apart', () => {
    expect(mistakesOf(['STEP 2/2: RUN sh run.sh', 'run.sh: line 2: syntax error: unexpected "fi"'])).toEqual([
      'api/run.sh:2: syntax error: unexpected "fi"',
    ]);
  });

  test('five are kept, the first ones, and no message is endless', () => {
    const many = Array.from({ length: 50 }, (_, place) => `src/main.c:${place + 1}:1: error: ${'x'.repeat(900)}`);
    const found = mistakesOf(failed(...many));
    expect(found.map((text) => text.length)).toEqual(Array(5).fill('api/src/main.c:1:1 '.length + 500));
  });
});
