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
