import { describe, test } from 'vitest';
import { familyIn, keyOne, type TargetSpec } from '../../../../test/support/keyed-family.ts';
import { type FileSpec, testRepository } from '../../../../test/support/repository.ts';
import type { ReadableTree } from '../../dockerfile/tree.ts';
import type { InputRule } from '../../project/model.ts';

type Files = Readonly<Record<string, FileSpec>>;

const go: Files = {
  'go.mod': 'module example.test/app // the app\n\ngo 1.21\n\nreplace (\n\texample.test/near v1.0.0 => ./near\n)\n',
  'go.sum': '',
  'cmd/x/main.go':
    '// Package main.\npackage main\n\nimport (\n\t"fmt"\n\tlib "example.test/app/lib"\n\t_ `example.test/near/deep`\n)\nfunc main() { fmt.Println(lib.V) }\n',
  'cmd/x/main_test.go': 'package main\nimport "example.test/app/testing"\n',
  'cmd/y/main.go': 'package main\nimport "example.test/app/other"\nfunc main() {}\n',
  'lib/lib.go':
    '/* import "example.test/app/other" */\npackage lib\nimport _ "embed"\n//go:embed data/*.txt "more words" ver*/[a-c] esc\\*\nvar V string\n',
  'lib/windows_only.go': '//go:build windows\npackage lib\nimport _ "example.test/app/win"\n',
  'lib/data/a.txt': 'a',
  'lib/data/a.md': 'not embedded',
  'lib/data/deep/b.txt': 'nor this',
  'lib/version/a/file': 'all of a folder that matches',
  'lib/version/d': 'nor this',
  'lib/esc*': 'by its escaped name',
  'lib/more words': 'm',
  'lib/sub/sub.go': 'package sub\n',
  'win/win.go': 'package win\n',
  'near/go.mod': 'module example.test/near\n',
  'near/deep/deep.go': 'package deep\n',
  'near/else/else.go': 'package elsewhere\n',
  'other/other.go': 'package other\n',
  'testing/testing.go': 'package testing\n',
  'vendored.md': '',
};
const goTaken = [
  'cmd/x/main.go',
  'go.mod',
  'go.sum',
  'lib/data/a.txt',
  'lib/esc*',
  'lib/lib.go',
  'lib/more words',
  'lib/version/a/file',
  'lib/windows_only.go',
  'near/deep/deep.go',
  'near/go.mod',
  'win/win.go',
];

const manifest = (name: string, dependencies: object = {}): string => JSON.stringify({ name, dependencies });
const node: Files = {
  'package.json': JSON.stringify({ private: true, workspaces: ['packages/*', 'apps/**', '!packages/old'] }),
  'package-lock.json': '{}',
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n  - apps/**\n  - "!packages/old"\n',
  'pnpm-lock.yaml': '',
  'packages/a/package.json': manifest('@s/a', { '@s/b': 'workspace:^', left: '^1.0.0' }),
  'packages/a/src/index.ts': 'a',
  'packages/b/package.json': manifest('@s/b', { near: 'file:../c', another: 'workspace:@s/d@*' }),
  'packages/b/index.ts': 'b',
  'packages/c/package.json': manifest('c'),
  'packages/c/index.ts': 'c',
  'packages/d/package.json': manifest('@s/d', { '@s/a': '*' }),
  'packages/d/index.ts': 'd',
  'packages/old/package.json': manifest('@s/old'),
  'apps/deep/e/package.json': manifest('e'),
  'apps/deep/e/index.ts': 'e',
};
const nodeTaken = [
  'apps/deep/e/package.json',
  ...['a/package.json', 'a/src/index.ts', 'b/index.ts', 'b/package.json'].map((path) => `packages/${path}`),
  ...['c/index.ts', 'c/package.json', 'd/index.ts', 'd/package.json'].map((path) => `packages/${path}`),
];

const cargo: Files = {
  'Cargo.toml':
    '[workspace]\nmembers = [\n  "crates/*", # all\n]\nexclude = ["crates/out"]\n[workspace.dependencies]\nshared = { path = "crates/shared", version = "1" }\n',
  'Cargo.lock': '',
  'crates/app/Cargo.toml':
    '[package]\nname = "app"\n[dependencies]\nserde = \'1\'\nshared.workspace = true\n[target.\'cfg(unix)\'.dependencies.near]\npath = "../near"\n',
  'crates/app/src/main.rs': 'fn main() {}',
  'crates/shared/Cargo.toml':
    '[package]\nname = "shared"\n[build-dependencies]\ntool = { path = "../../tools/tool" }\n',
  'crates/shared/src/lib.rs': '',
  'crates/shared/data.bin': '',
  'crates/near/Cargo.toml': '[package]\nname = "near"\n',
  'crates/near/src/lib.rs': '',
  'crates/other/Cargo.toml': '[package]\nname = "other"\n[lib]\npath = "odd.rs"\n',
  'crates/other/odd.rs': '',
  'crates/other/src/more.rs': '',
  'crates/out/Cargo.toml': '[package]\nname = "out"\n',
  'tools/tool/Cargo.toml': '[package]\nname = "tool"\n',
  'tools/tool/src/lib.rs': '',
};
const cargoTaken = [
  'Cargo.lock',
  'Cargo.toml',
  ...['app/Cargo.toml', 'app/src/main.rs', 'near/Cargo.toml', 'near/src/lib.rs'].map((path) => `crates/${path}`),
  ...['other/Cargo.toml', 'other/odd.rs'].map((path) => `crates/${path}`),
  ...['shared/Cargo.toml', 'shared/data.bin', 'shared/src/lib.rs'].map((path) => `crates/${path}`),
  'tools/tool/Cargo.toml',
  'tools/tool/src/lib.rs',
];

/** What a whole copy takes with these inputs. */
async function taken(files: Files, inputs: readonly InputRule[], revision?: string) {
  using repository = await testRepository();
  await repository.commit({ Dockerfile: 'FROM scratch\nCOPY . /\n', README: 'r', ...files });
  const spec: TargetSpec = { inputs };
  const { inputs: found } = await keyOne(familyIn(repository.path, { app: spec }), {
    ...(revision === undefined ? {} : { revision }),
  });
  return { paths: paths(found.context), undecided: found.undecided };
}

function paths(tree: ReadableTree, folder = ''): string[] {
  return tree.children(folder).flatMap(({ path, kind }) => (kind === 'folder' ? paths(tree, path) : [path]));
}

const command = (...run: string[]): InputRule => ({ kind: 'command', run });

describe('a resolver takes', () => {
  test.for<{ name: string; files: Files; rule: InputRule; want: readonly string[]; revision?: string }>([
    { name: 'the packages that a Go program imports', files: go, rule: { kind: 'go', member: 'cmd/x' }, want: goTaken },
    {
      name: 'the same by import lines alone',
      files: go,
      rule: { kind: 'go', member: 'cmd/x' },
      want: goTaken,
      revision: 'HEAD',
    },
    {
      name: "a Go workspace's modules",
      files: {
        'go.work': 'go 1.21\nuse ./one\nuse (\n\t./two\n)\n',
        'one/go.mod': 'module one.test\n',
        'one/main.go': 'package main\nimport "two.test/lib"\nfunc main() { lib.F() }\n',
        'two/go.mod': 'module two.test\n',
        'two/lib/lib.go': 'package lib\nfunc F() {}\n',
        'two/else/else.go': 'package elsewhere\n',
      },
      rule: { kind: 'go', member: 'one' },
      want: ['go.work', 'one/go.mod', 'one/main.go', 'two/go.mod', 'two/lib/lib.go'],
    },
    {
      name: 'vendored packages',
      files: {
        'go.mod': 'module app.test\ngo 1.21\nrequire far.test v1.0.0\n',
        'main.go': 'package main\nimport "far.test/x"\nfunc main() { x.F() }\n',
        'vendor/modules.txt': '# far.test v1.0.0\n## explicit\nfar.test/x\n',
        'vendor/far.test/x/x.go': 'package x\nfunc F() {}\n',
        'vendor/far.test/y/y.go': 'package y\n',
        'tool/tool.go': 'package tool\n',
      },
      rule: { kind: 'go', member: '' },
      want: ['Dockerfile', 'README', 'go.mod', 'main.go', 'vendor/far.test/x/x.go', 'vendor/modules.txt'],
    },
    {
      name: 'an npm member and what it depends on',
      files: node,
      rule: { kind: 'npm', member: 'packages/a' },
      want: [nodeTaken[0] ?? '', 'package-lock.json', 'package.json', ...nodeTaken.slice(1)],
    },
    {
      name: 'a pnpm member and what it depends on',
      files: node,
      rule: { kind: 'pnpm', member: 'packages/a' },
      want: [nodeTaken[0] ?? '', 'package.json', ...nodeTaken.slice(1), 'pnpm-lock.yaml', 'pnpm-workspace.yaml'],
    },
    {
      name: 'a Cargo member by its folder',
      files: cargo,
      rule: { kind: 'cargo', member: 'crates/app' },
      want: cargoTaken,
    },
    { name: 'a Cargo member by its name', files: cargo, rule: { kind: 'cargo', member: 'app' }, want: cargoTaken },
    {
      name: 'what a command prints',
      files: { 'x/1': '1', 'x/2': '2', y: 'y' },
      rule: command('printf', './x/\\n\\nREADME\\ngone\\n'),
      want: ['README', 'x/1', 'x/2'],
    },
  ])('$name', async ({ files, rule, want, revision }, { expect }) => {
    const { paths: found, undecided } = await taken(files, [rule], revision);
    expect(undecided).toEqual([]);
    expect(found).toEqual([...want].sort());
  });
});

describe('what cannot be decided counts whole, and says so:', () => {
  const main = { 'go.mod': 'module app.test\n' };
  test.for<{ name: string; files?: Files; rule: InputRule; says: string; revision?: string }>([
    { name: 'a Go package that is not there', files: main, rule: { kind: 'go', member: 'cmd' }, says: 'not there' },
    {
      name: 'a Go package in no module',
      files: { 'x/x.go': '' },
      rule: { kind: 'go', member: 'x' },
      says: 'no go.mod',
    },
    {
      name: 'a module outside of the family',
      files: { 'go.mod': 'module app.test\nreplace far.test => ../far\n' },
      rule: { kind: 'go', member: '' },
      says: 'outside',
    },
    {
      name: 'cgo that reaches out of its folder',
      files: { ...main, 'x.go': 'package main\n// #include "../c/x.h"\nimport "C"\n' },
      rule: { kind: 'go', member: '' },
      says: 'cgo',
    },
    {
      name: 'C that includes from another folder',
      files: { ...main, 'x.go': 'package main\nimport "C"\n', 'x.c': '#include "c/x.h"\n' },
      rule: { kind: 'go', member: '' },
      says: 'x.c includes',
    },
    { name: 'no npm workspace', rule: { kind: 'npm', member: 'x' }, says: 'workspaces' },
    { name: 'no npm member', files: node, rule: { kind: 'npm', member: 'packages/old' }, says: 'no member' },
    {
      name: 'a manifest that is no JSON',
      files: { ...node, 'packages/b/package.json': '{' },
      rule: { kind: 'npm', member: 'packages/a' },
      says: 'packages/b/package.json cannot be read',
    },
    { name: 'no pnpm workspace', rule: { kind: 'pnpm', member: 'x' }, says: 'pnpm-workspace.yaml' },
    {
      name: 'a pnpm workspace that is no YAML',
      files: { ...node, 'pnpm-workspace.yaml': '[' },
      rule: { kind: 'pnpm', member: 'packages/a' },
      says: 'cannot be read',
    },
    {
      name: 'no Cargo workspace',
      files: { 'Cargo.toml': '' },
      rule: { kind: 'cargo', member: 'x' },
      says: 'workspace',
    },
    {
      name: 'a Cargo manifest that is no TOML',
      files: { ...cargo, 'crates/near/Cargo.toml': '[package\n' },
      rule: { kind: 'cargo', member: 'app' },
      says: 'malformed in line 1',
    },
    {
      name: 'a Cargo dependency outside of the family',
      files: { ...cargo, 'crates/near/Cargo.toml': '[dependencies]\nx = { path = "../../../x" }\n' },
      rule: { kind: 'cargo', member: 'app' },
      says: 'outside of the family',
    },
    { name: 'a command that fails', rule: command('sh', '-c', 'echo no >&2; exit 3'), says: 'status 3: no' },
    { name: 'a command that is not there', rule: command('no-such-program'), says: 'no-such-program' },
    { name: 'a command that prints a path outside', rule: command('echo', '../x'), says: 'outside' },
    { name: 'a command for another revision', rule: command('true'), says: 'another revision', revision: 'HEAD' },
  ])('$name', async ({ files = {}, rule, says, revision }, { expect }) => {
    const { paths: found, undecided } = await taken(files, [rule], revision);
    expect(undecided).toEqual([expect.stringContaining(says)]);
    expect(found).toEqual(['Dockerfile', 'README', ...Object.keys(files)].sort());
  });
});
