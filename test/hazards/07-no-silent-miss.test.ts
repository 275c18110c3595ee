// A change that can alter an image changes its leg's key, and one that cannot leaves it: by name here, by chance in 07-as-a-rule.
import { createHash } from 'node:crypto';
import { describe, test } from 'vitest';
import { memoryStore } from '../../src/content/store/memory.ts';
import type { InputRule, SharedRule } from '../../src/source/project/model.ts';
import { type BaseConfig, writeBase } from '../support/base-image.ts';
import { familyIn, keyOne, type TargetSpec } from '../support/keyed-family.ts';
import { type FileSpec, type TestRepository, testRepository } from '../support/repository.ts';

interface State {
  readonly files: Readonly<Record<string, FileSpec>>;
  readonly remove?: readonly string[];
  readonly target?: TargetSpec;
  readonly base?: BaseConfig;
  readonly shared?: readonly SharedRule[];
  readonly nowMs?: number;
  readonly onTag?: boolean;
}

/** The key after a state was committed. */
async function keyAfter(repository: TestRepository, state: State): Promise<string> {
  const { files, remove = [], target = {}, base, shared = [], nowMs = 0, onTag = false } = state;
  for (const path of remove) repository.remove(path);
  await repository.commit(files);
  const store = memoryStore();
  if (base !== undefined) await writeBase(store, '1', { 'linux/amd64': base });
  const family = { ...familyIn(repository.path, { app: target }), shared };
  return (await keyOne(family, { store, moment: { nowMs, bases: new Map() }, onTag })).key;
}

const stages = 'FROM scratch AS tools\nCOPY tools /t\nFROM scratch AS unused\nCOPY unused /u\n';
const plain: State = {
  files: {
    Dockerfile: `${stages}FROM scratch\nARG WAY=a\nCOPY app /app\nCOPY ways/$WAY link /w/\nCOPY --from=tools /t /t\n`,
    '.dockerignore': '**/*.log\n',
    'app/main': 'main',
    'app/deep/part': 'part',
    'app/seen.log': 'log',
    'tools/tool': { bytes: 'tool', executable: true },
    'unused/u': 'u',
    'ways/a': 'a',
    'ways/b': 'b',
    link: { link: 'linked/one' },
    'linked/one': 'one',
    'linked/two': 'two',
    README: 'read me',
  },
};
const everything = { ...plain.files, Dockerfile: 'FROM scratch\nCOPY . /\n' };
const declared: readonly InputRule[] = [
  { kind: 'glob', glob: 'app/**', negated: false },
  { kind: 'glob', glob: '**/deep', negated: true },
];
const withShared: State = {
  ...plain,
  shared: [{ place: {}, paths: [{ kind: 'glob', glob: '**/READ*', negated: false }], targets: ['a*'] }],
};
const onBase = (dockerfile: string, base: BaseConfig): State => ({
  files: { ...plain.files, Dockerfile: `FROM base.test/base:1\n${dockerfile}` },
  base,
});

const fromFolder: TargetSpec = { contexts: { base: { kind: 'folder', path: 'ways' } } };

// Without the base's ENV this would take README.
const waysByEnv = `COPY \${WAY:-README} /\n`;

describe('what can alter an image changes the key', () => {
  const withFile = (files: State['files']): State => ({ ...plain, files });
  test.for<{ readonly name: string; readonly before?: State; readonly after: State }>([
    { name: 'a file', after: withFile({ 'app/main': 'changed' }) },
    { name: 'a file in a folder', after: withFile({ 'app/deep/part': 'changed' }) },
    { name: 'a new file', after: withFile({ 'app/new': 'new' }) },
    { name: 'a file that is gone', after: { files: {}, remove: ['app/deep/part'] } },
    { name: 'a file under another name', after: { files: { 'app/deep/other': 'part' }, remove: ['app/deep/part'] } },
    { name: 'a mode', after: withFile({ 'app/main': { bytes: 'main', executable: true } }) },
    { name: 'a file that becomes a link', after: withFile({ 'app/main': { link: 'main' } }) },
    { name: 'where a source that is a link leads', after: withFile({ link: { link: 'linked/two' } }) },
    { name: 'what a source that is a link leads to', after: withFile({ 'linked/one': 'changed' }) },
    { name: 'another stage that is copied from', after: withFile({ 'tools/tool': 'changed' }) },
    { name: 'what .dockerignore ignores', after: withFile({ '.dockerignore': '' }) },
    {
      name: "an argument's default",
      after: withFile({ Dockerfile: `${plain.files['Dockerfile']}`.replace('WAY=a', 'WAY=b') }),
    },
    { name: 'an argument', after: { ...withFile({}), target: { args: { WAY: 'b' } } } },
    { name: 'an instruction', after: withFile({ Dockerfile: `${plain.files['Dockerfile']}USER me\n` }) },
    { name: 'the stage', after: { ...withFile({}), target: { stage: 'tools' } } },
    { name: 'a label', after: { ...withFile({}), target: { labels: { a: 'b' } } } },
    { name: 'the platform', after: { ...withFile({}), target: { platforms: ['linux/arm64'] } } },
    { name: 'the id of a secret', after: { ...withFile({}), target: { secret: ['id=token'] } } },
    { name: "a base's digest", before: onBase('', { env: ['A=1'] }), after: onBase('', { env: ['A=2'] }) },
    {
      name: "a file that only a base's ENV selects",
      before: onBase(waysByEnv, { env: ['WAY=ways/a'] }),
      after: { ...onBase(waysByEnv, { env: ['WAY=ways/a'] }), files: { 'ways/a': 'changed' } },
    },
    {
      name: "a file that only a base's ONBUILD selects",
      before: onBase('', { onbuild: ['COPY ways/b /'] }),
      after: { ...onBase('', { onbuild: ['COPY ways/b /'] }), files: { 'ways/b': 'changed' } },
    },
    {
      name: 'any file, where the base is not looked at',
      before: { ...onBase('', {}), target: { bases: 'ignore' } },
      after: { files: { 'unused/u': 'changed' }, target: { bases: 'ignore' } },
    },
    {
      name: 'any file, where what is copied depends on the machine',
      before: { files: { ...plain.files, Dockerfile: 'FROM scratch\nARG BUILDARCH\nCOPY unused*$BUILDARCH* app /\n' } },
      after: { files: { 'ways/a': 'changed' } },
    },
    {
      name: 'any file, where that came by other names, from stage to stage',
      before: {
        files: {
          ...plain.files,
          Dockerfile:
            'FROM scratch AS one\nARG BUILDARCH\nARG WAY=to-$BUILDARCH\nENV FROM=$WAY\nFROM one\nCOPY unused*$FROM* app /\n',
        },
      },
      after: { files: { 'ways/a': 'changed' } },
    },
    {
      name: "a here-document's text",
      before: { files: { Dockerfile: 'FROM scratch\nCOPY <<EOF /f\none\nEOF\n' } },
      after: { files: { Dockerfile: 'FROM scratch\nCOPY <<EOF /f\ntwo\nEOF\n' } },
    },
    {
      name: 'an attribute that makes a pointer of Git LFS what it points to',
      before: { files: { ...plain.files, 'app/main': pointer('content') } },
      after: { files: { '.gitattributes': 'app/* filter=lfs\n' } },
    },
    {
      name: 'a file that is declared',
      before: { files: everything, target: { inputs: declared } },
      after: { files: { 'app/main': 'changed' }, target: { inputs: declared } },
    },
    {
      name: 'a file that is named exactly, whatever is declared',
      before: {
        files: { ...everything, Dockerfile: `${everything.Dockerfile}COPY README /\n` },
        target: { inputs: declared },
      },
      after: { files: { README: 'changed' }, target: { inputs: declared } },
    },
    {
      name: 'any file, where a resolver cannot decide',
      before: { files: everything, target: { inputs: [{ kind: 'go', member: 'app' }] } },
      after: { files: { 'unused/u': 'changed' }, target: { inputs: [{ kind: 'go', member: 'app' }] } },
    },
    {
      name: 'a file that a shared rule names',
      before: withShared,
      after: { ...withShared, files: { README: 'changed' } },
    },
    {
      name: 'a file that comes under a shared rule',
      before: withShared,
      after: { ...withShared, files: { 'unused/READ.me': 'new' } },
    },
    {
      name: 'the period of a refresh',
      before: { ...plain, target: { refresh: 'weekly' }, nowMs: 0 },
      after: { files: {}, target: { refresh: 'weekly' }, nowMs: 7 * 24 * 60 * 60 * 1000 },
    },
    {
      name: 'a volatile label on a tag, where tags are excepted',
      before: { ...plain, target: volatileLabel('1'), onTag: true },
      after: { files: {}, target: volatileLabel('2'), onTag: true },
    },
    {
      name: "an argument of the machine's that the target gives",
      before: { files: { Dockerfile: byMachine('') }, target: { args: { BUILDARCH: 'one' } } },
      after: { files: {}, target: { args: { BUILDARCH: 'two' } } },
    },
    {
      name: "an argument of the machine's with a default before the first FROM",
      before: { files: { Dockerfile: byMachine('ARG BUILDARCH=one\n') } },
      after: { files: { Dockerfile: byMachine('ARG BUILDARCH=two\n') } },
    },
    {
      name: 'what an ignore file that is a link ignores',
      before: { ...plain, files: { ...plain.files, ignored: '', '.dockerignore': { link: 'ignored' } } },
      after: { files: { ignored: 'app/deep\n' } },
    },
    {
      name: 'a cache export that goes into the image',
      after: { files: {}, target: { cacheTo: ['type=inline'] } },
    },
    { name: 'a comment, where a frontend of another kind reads it', before: foreign('# one'), after: foreign('# two') },
    {
      name: 'any file, where a frontend of another kind takes what it likes',
      before: foreign(''),
      after: { ...foreign(''), files: { 'app/deep/part': 'changed' } },
    },
    {
      name: 'a folder that a stage starts from',
      before: { files: { ...plain.files, Dockerfile: 'FROM base\nUSER me\n' }, target: fromFolder },
      after: { files: { 'ways/b': 'changed' }, target: fromFolder },
    },
    {
      name: 'which stage a name means',
      before: { files: { ...plain.files, Dockerfile: named('one', 'two') } },
      after: { files: { Dockerfile: named('two', 'one') } },
    },
  ])('$name', async ({ before = plain, after }, { expect }) => {
    using repository = await testRepository();
    const first = await keyAfter(repository, before);
    expect(
      await keyAfter(repository, {
        ...after,
        ...(after.base === undefined && before.base ? { base: before.base } : {}),
      }),
    ).not.toBe(first);
  });
});

/** The base is read so that the frontend's digest can be. */
function foreign(comment: string): State {
  const dockerfile = `# syntax=base.test/frontend:1\n${comment}\nFROM scratch\nCOPY main /\n`;
  return { files: { ...plain.files, Dockerfile: dockerfile }, base: {}, target: { context: 'app' } };
}

function byMachine(before: string): string {
  return `${before}FROM scratch\nARG BUILDARCH\nLABEL arch=$BUILDARCH\n`;
}

function volatileLabel(value: string): TargetSpec {
  return { labels: { revision: value }, volatileLabels: ['revision'], volatileExcept: 'tags' };
}

function named(first: string, second: string): string {
  const stages = `FROM scratch AS ${first}\nCOPY ways/a /x\nFROM scratch AS ${second}\nCOPY ways/b /x\n`;
  return `${stages}FROM scratch\nCOPY --from=one /x /1\nCOPY --from=two /x /2\n`;
}

function pointer(content: string): string {
  const id = createHash('sha256').update(content).digest('hex');
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${id}\nsize ${content.length}\n`;
}

describe('what cannot alter it leaves the key as it is', () => {
  const dockerfile = `${plain.files['Dockerfile']}`;
  const revision = (value: string): TargetSpec => ({ args: { REVISION: value }, volatile: ['REVISION'] });
  test.for<{ readonly name: string; readonly before?: State; readonly after: State }>([
    { name: 'a file that nothing takes', after: { files: { README: 'changed', 'ways/b': 'changed' } } },
    { name: 'a file that is ignored', after: { files: { 'app/seen.log': 'changed', 'app/more.log': 'new' } } },
    { name: 'a file of a stage that is not reached', after: { files: { 'unused/u': 'changed' } } },
    {
      name: 'a comment',
      after: { files: { Dockerfile: dockerfile.replace('FROM scratch\nARG', '# note\nFROM scratch\n\nARG') } },
    },
    {
      name: 'a stage that is not reached',
      after: { files: { Dockerfile: dockerfile.replace('COPY unused', 'COPY README') } },
    },
    {
      name: 'the machine, of which only its name is asked',
      before: { files: { ...plain.files, Dockerfile: byMachine('') } },
      after: { files: { README: 'changed' } },
    },
    {
      name: 'a file beside a folder that a stage starts from',
      before: { files: { ...plain.files, Dockerfile: 'FROM base\nUSER me\n' }, target: fromFolder },
      after: { files: { README: 'changed' }, target: fromFolder },
    },
    { name: 'an argument that no stage declares', after: { files: {}, target: { args: { OTHER: 'x' } } } },
    { name: 'a destination', after: { files: {}, target: { destinations: [] } } },
    {
      name: 'what a secret is read from',
      before: { ...plain, target: { secret: ['id=token,env=ONE'] } },
      after: { files: {}, target: { secret: ['id=token,env=TWO'] } },
    },
    {
      name: 'a file that is not declared',
      before: { files: everything, target: { inputs: declared } },
      after: { files: { README: 'changed', 'app/deep/part': 'changed' }, target: { inputs: declared } },
    },
    {
      name: 'a file that no shared rule names',
      before: withShared,
      after: { ...withShared, files: { 'ways/b': 'changed' } },
    },
    {
      name: 'a shared rule of other targets',
      before: plain,
      after: { files: {}, shared: [{ ...withShared.shared?.[0], place: {}, paths: [], targets: ['b*'] }] },
    },
    {
      name: 'a volatile label',
      before: { ...plain, target: volatileLabel('1') },
      after: { files: {}, target: volatileLabel('2') },
    },
    {
      name: 'a moment of the same period',
      before: { ...plain, target: { refresh: 'monthly' }, nowMs: Date.UTC(2026, 0, 30) },
      after: { files: {}, target: { refresh: 'monthly' }, nowMs: Date.UTC(2026, 0, 31) },
    },
    { name: 'any moment, where nothing is refreshed', after: { files: {}, nowMs: Date.UTC(2026, 0, 1) } },
    {
      name: 'a volatile argument',
      before: { files: { Dockerfile: 'FROM scratch\nARG REVISION\nLABEL r=$REVISION\n' }, target: revision('1') },
      after: { files: {}, target: revision('2') },
    },
  ])('$name', async ({ before = plain, after }, { expect }) => {
    using repository = await testRepository();
    const first = await keyAfter(repository, before);
    expect(await keyAfter(repository, after)).toBe(first);
  });
});
