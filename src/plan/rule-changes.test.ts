import { expect, test } from 'vitest';
import { familyIn, keyOne, type TargetSpec } from '../../test/support/keyed-family.ts';
import { type FileSpec, testRepository } from '../../test/support/repository.ts';
import type { SharedRule } from '../source/project/model.ts';
import { explainLeg } from './explain.ts';
import { describeChange } from './input-change.ts';
import { keyDifference, type Places } from './key-difference.ts';

const files: Readonly<Record<string, FileSpec>> = {
  Dockerfile: '# check=skip=all\n# syntax=docker/dockerfile:1.7\nFROM scratch\nCOPY app /\n',
  app: 'app',
  'tools/make.sh': 'make',
  'tools/other.sh': 'other',
  'go.lock': '1',
  'gen.sh': 'gen',
};
const rule = (glob: string, line: number): SharedRule => ({
  place: { file: '/family/fanfold.yaml', line },
  paths: [{ kind: 'glob', glob, negated: false }],
  targets: ['*'],
});
const shared = [rule('tools/*', 4), rule('go.lock', 5)];
const generated = (run: readonly string[]): TargetSpec => ({ generated: [{ paths: ['out'], run, lock: ['go.lock'] }] });
const places: Places = { setting: (_, field) => ({ file: 'fanfold.yaml', line: field[0] === 'args' ? 8 : 9 }) };

interface State {
  readonly write?: Readonly<Record<string, FileSpec>>;
  readonly remove?: string;
  readonly target?: TargetSpec;
  readonly name?: string;
  readonly shared?: readonly SharedRule[];
}

test.for<{ name: string; before?: State; after: State; want: readonly string[] }>([
  {
    name: 'a file of a shared rule',
    before: { shared },
    after: { shared, write: { 'tools/make.sh': 'changed' } },
    want: ['tools/make.sh changed  (fanfold.yaml:4 a rule of shared)'],
  },
  {
    name: 'one that came under it, and one that is gone',
    before: { shared },
    after: { shared, write: { 'tools/new.sh': 'new' }, remove: 'tools/other.sh' },
    want: [
      'tools/new.sh added  (fanfold.yaml:4 a rule of shared)',
      'tools/other.sh removed  (fanfold.yaml:4 a rule of shared)',
    ],
  },
  {
    name: 'a rule that is new',
    before: { shared: [rule('tools/*', 4)] },
    after: { shared },
    want: ['go.lock added  (fanfold.yaml:5 a rule of shared)'],
  },
  {
    name: 'a lock file of a command, and a script that it names',
    before: { target: generated(['sh', 'gen.sh']) },
    after: { target: generated(['sh', 'gen.sh']), write: { 'go.lock': '2', 'gen.sh': 'more' } },
    want: [
      'gen.sh changed  (fanfold.yaml:9 decides what sh gen.sh brings)',
      'go.lock changed  (fanfold.yaml:9 decides what sh gen.sh brings)',
    ],
  },
  {
    name: 'a folder of which all is ignored',
    before: { write: { Dockerfile: 'FROM scratch\nCOPY tools /\n', '.dockerignore': '**/*.log\n' } },
    after: { write: { 'tools/new/a.log': 'log' } },
    want: ['tools/new added  (Dockerfile:2 COPY tools /)'],
  },
  {
    name: 'a file in it',
    before: {
      write: { Dockerfile: 'FROM scratch\nCOPY tools /\n', '.dockerignore': '**/*.log\n', 'tools/new/a.log': 'log' },
    },
    after: { write: { 'tools/new/b': 'b' } },
    want: ['tools/new/b added  (Dockerfile:2 COPY tools /)'],
  },
  {
    name: 'the command',
    before: { target: generated(['sh', 'gen.sh']) },
    after: { target: generated(['sh', 'gen.sh', '-v']) },
    want: ['setting generated: sh gen.sh for out -> sh gen.sh -v for out  (fanfold.yaml:9)'],
  },
  {
    name: 'the target, whose name the command sees',
    before: { target: generated(['sh', 'gen.sh']) },
    after: { target: generated(['sh', 'gen.sh']), name: 'other' },
    want: [
      'setting generated: FANFOLD_TARGET=app sh gen.sh for out -> FANFOLD_TARGET=other sh gen.sh for out  (fanfold.yaml:9)',
    ],
  },
  {
    name: 'the frontend, at its line',
    after: { write: { Dockerfile: `${files['Dockerfile']}`.replace('1.7', '1.8') } },
    want: [
      'setting frontend: {"reference":"docker/dockerfile:1.7"} -> {"reference":"docker/dockerfile:1.8"}  (Dockerfile:2)',
    ],
  },
  {
    name: 'the frontend, at the argument that wins',
    after: { target: { args: { BUILDKIT_SYNTAX: 'docker/dockerfile:1.8' } } },
    want: [
      'argument BUILDKIT_SYNTAX added: docker/dockerfile:1.8  (fanfold.yaml:8)',
      'setting frontend: {"reference":"docker/dockerfile:1.7"} -> {"reference":"docker/dockerfile:1.8"}  (fanfold.yaml:8)',
    ],
  },
])('what changed is told with its line: $name', async ({ before = {}, after, want }) => {
  using repository = await testRepository();
  const keyAfter = async (state: State) => {
    if (state.remove !== undefined) repository.remove(state.remove);
    await repository.commit(state.write);
    const family = familyIn(repository.path, { [state.name ?? 'app']: state.target ?? {} });
    return await keyOne({ ...family, ...(state.shared && { shared: state.shared }) }, { bases: 'as-written' });
  };
  repository.write(files);
  const [old, now] = [await keyAfter(before), await keyAfter(after)];
  expect(keyDifference(old, now, places).map(describeChange)).toEqual(want);
});

test('shared files are inputs, rule by rule', async () => {
  using repository = await testRepository();
  await repository.commit(files);
  const keyed = await keyOne({ ...familyIn(repository.path, { app: {} }), shared }, { bases: 'as-written' });
  expect(explainLeg(keyed, places).filter(({ name }) => name === 'a rule of shared')).toEqual([
    { kind: 'files', name: 'a rule of shared', place: { file: 'fanfold.yaml', line: 5 }, files: ['go.lock'] },
    {
      kind: 'files',
      name: 'a rule of shared',
      place: { file: 'fanfold.yaml', line: 4 },
      files: ['tools/make.sh', 'tools/other.sh'],
    },
  ]);
});
