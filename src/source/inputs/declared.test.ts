import { describe, expect, test } from 'vitest';
import { familyIn, keyOne, type TargetSpec } from '../../../test/support/keyed-family.ts';
import { type FileSpec, testRepository } from '../../../test/support/repository.ts';
import type { ReadableTree } from '../dockerfile/tree.ts';
import type { InputRule } from '../project/model.ts';

const files = {
  '.dockerignore': '**/*.log\n',
  'src/main': 'main',
  'src/main.md': 'about',
  'src/deep/.hidden': 'hidden',
  'src/x.log': 'log',
  'assets/logo': { link: '../src/main' },
  'docs/a.md': 'a',
  'docs/b.md': 'b',
  package: 'p',
};

const glob = (text: string): InputRule => {
  const negated = text.startsWith('!');
  return { kind: 'glob', glob: negated ? text.slice(1) : text, negated };
};

async function keyed(dockerfile: string, globs: readonly string[], more: TargetSpec = {}) {
  using repository = await testRepository();
  const all: Record<string, FileSpec> = { Dockerfile: `FROM scratch\n${dockerfile}\n`, ...files };
  await repository.commit(all);
  return await keyOne(familyIn(repository.path, { app: { inputs: globs.map(glob), ...more } }));
}

function paths(tree: ReadableTree, folder = ''): string[] {
  return tree.children(folder).flatMap(({ path, kind }) => (kind === 'folder' ? paths(tree, path) : [path]));
}

describe('a declaration narrows', () => {
  test.for<{ name: string; copy: string; globs: readonly string[]; want: readonly string[] }>([
    {
      name: 'the whole context to a folder',
      copy: 'COPY . /',
      globs: ['src'],
      want: ['src/deep/.hidden', 'src/main', 'src/main.md'],
    },
    {
      name: 'the last glob that matches decides',
      copy: 'COPY . /',
      globs: ['src/**', '!**/*.md', 'docs/a.md'],
      want: ['docs/a.md', 'src/deep/.hidden', 'src/main'],
    },
    {
      name: 'one that begins by taking out begins with all',
      copy: 'COPY . /',
      globs: ['!docs', '!.dockerignore', '!Dockerfile', '!assets'],
      want: ['package', 'src/deep/.hidden', 'src/main', 'src/main.md'],
    },
    { name: 'a link', copy: 'COPY . /', globs: ['assets/*'], want: ['assets/logo'] },
    { name: 'a folder that is named', copy: 'COPY src /s', globs: ['src/main'], want: ['src/main'] },
    { name: 'a pattern', copy: 'COPY docs/* /d/', globs: ['docs/a.md'], want: ['docs/a.md'] },
    { name: 'a mount', copy: 'RUN --mount=type=bind,target=/src true', globs: ['package'], want: ['package'] },
    {
      name: 'not a file that is named exactly',
      copy: 'COPY package docs/b.md /',
      globs: ['src'],
      want: ['docs/b.md', 'package'],
    },
    { name: 'not what .dockerignore leaves out', copy: 'COPY . /', globs: ['**/*.log', 'package'], want: ['package'] },
    {
      name: 'what another instruction names stays',
      copy: 'COPY . /\nCOPY docs/b.md /',
      globs: ['src/main'],
      want: ['docs/b.md', 'src/main'],
    },
    {
      name: 'what cannot be decided',
      copy: 'ARG BUILDARCH\nCOPY p*$BUILDARCH /',
      globs: ['src/main'],
      want: ['src/main'],
    },
  ])('$name', async ({ copy, globs, want }) => {
    const { inputs } = await keyed(copy, globs);
    expect(paths(inputs.context)).toEqual(want);
  });

  test('and a folder of which it says nothing counts whole, and says so', async () => {
    const { inputs } = await keyed('COPY docs /d\nCOPY src /s', ['src/main']);
    expect(paths(inputs.context)).toEqual(['docs/a.md', 'docs/b.md', 'src/main']);
    expect(inputs.undecided).toEqual([expect.stringContaining('none of the files that docs takes')]);
  });

  test('and a file that is named exactly needs no declaration', async () => {
    const { inputs } = await keyed('COPY package /\nCOPY src /s', ['src/main']);
    expect(inputs.undecided).toEqual([]);
  });

  test('from the folder of fanfold.yaml, wherever the context is', async () => {
    const { inputs } = await keyed('COPY . /', ['src/main'], { context: 'src', dockerfile: 'Dockerfile' });
    expect(paths(inputs.context)).toEqual(['main']);
  });

  test('for a command that builds, too', async () => {
    const { inputs } = await keyed('', ['src/main'], { builder: { kind: 'command', run: ['make'] } });
    expect(paths(inputs.context)).toEqual(['src/main']);
  });

  test('what is not committed and not declared does not matter', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM scratch\nCOPY . /\n', 'src/a': 'a' });
    repository.write({ note: 'left', 'src/b': 'left, too' });
    const family = familyIn(repository.path, { app: { inputs: [glob('src/**')] } });
    const error = await keyOne(family).catch((thrown: unknown) => String(thrown));
    expect(error).toContain('src/b');
    expect(error).not.toContain('note');
  });
});

describe('a .proto file that only adds to its baseline', () => {
  const old = 'syntax = "proto3";\nmessage A { int32 a = 1; }\n';
  const more = old.replace('a = 1;', 'a = 1; int32 b = 2;');
  const other = old.replace('int32', 'string');
  const rule: InputRule = { kind: 'protobuf', file: 'api.proto', baseline: 'api.baseline.proto' };

  async function keyOf(
    proto: string,
    copy: string,
    changes: Record<string, FileSpec> = {},
    inputs = [glob('main'), rule],
  ) {
    using repository = await testRepository();
    const files = {
      Dockerfile: `FROM scratch\n${copy}\n`,
      main: 'main',
      'api.baseline.proto': old,
      'api.proto': proto,
    };
    await repository.commit({ ...files, ...changes });
    const { key, inputs: taken } = await keyOne(familyIn(repository.path, { app: { inputs } }));
    const entry = taken.context.find('api.proto');
    if (entry === undefined) throw new Error('the file is not in the context');
    const chunks = [];
    for await (const chunk of taken.context.read(entry)) chunks.push(chunk);
    return { key, built: Buffer.concat(chunks).toString('utf8'), undecided: taken.undecided };
  }

  test.for(['COPY . /', 'COPY api.proto main /'])('counts as it: %s', async (copy) => {
    const first = await keyOf(old, copy);
    const added = await keyOf(more, copy);
    expect(added.key).toBe(first.key);
    // The build is given the file as it is.
    expect(added.built).toBe(more);
    expect(added.undecided).toEqual([]);
    const changed = await keyOf(other, copy);
    expect(changed.key).not.toBe(first.key);
    expect(changed.undecided).toEqual([
      expect.stringMatching(
        /^api\.proto is more than an addition to api\.baseline\.proto, so it counts: "int32 a = 1" in message A is changed or gone$/,
      ),
    ]);
    // A new baseline is another key, as the file itself would be.
    const raised = await keyOf(more, copy, { 'api.baseline.proto': more });
    expect(raised.key).not.toBe(first.key);
    // No other file counts as another.
    expect((await keyOf(more, copy, { main: 'changed' })).key).not.toBe(first.key);
    // Without the rule it counts as ever; and where nothing is added, the rule changes no key.
    const plain = [glob('main'), glob('api.proto')];
    expect((await keyOf(more, copy, {}, plain)).key).not.toBe(first.key);
    expect((await keyOf(old, copy, {}, plain)).key).toBe(first.key);
  });

  test('and is looked for', async () => {
    await expect(keyOf(old, 'COPY . /', {}, [{ ...rule, baseline: 'nowhere.proto' }])).rejects.toThrow('nowhere.proto');
  });
});
