// A history of many commits as a real repository: a real family's paths where its data is here, else generated ones of the same shape.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chanceOf } from '../dockerfile/random.ts';
import { largeMatrix } from './large-matrix.ts';
import { matrixMapping } from './matrix-mapping.ts';
import { type TestRepository, testRepository } from './repository.ts';

/** What is known of a history: no content, only which paths there are and which each commit changed. */
export interface History {
  readonly isReal: boolean;
  readonly matrix: string;
  readonly paths: readonly string[];
  readonly commits: readonly (readonly string[])[];
}

const matrixPath = '.github/backend-matrix.yml';
const data = fileURLToPath(new URL('../../../shared/data/localai', import.meta.url));

/** The history; a generated one of the same shape where the data is not here. */
export function readHistory(): History {
  return existsSync(join(data, 'commits.json')) ? realHistory() : generatedHistory();
}

function realHistory(): History {
  const read = (name: string): string => readFileSync(join(data, name), 'utf8');
  const commits = (JSON.parse(read('commits.json')) as { readonly files: readonly string[] }[]).map(
    ({ files }) => files,
  );
  const lines = read('tree-newest.txt').split('\n');
  const listed = lines.filter((line) => /^100/.test(line)).map((line) => line.slice(line.indexOf('\t') + 1));
  // What was removed meanwhile is there throughout: else nothing could be said of the commits that changed it.
  return {
    isReal: true,
    matrix: read('matrix-newest.yml'),
    paths: withoutClashes([...listed, ...commits.flat()]),
    commits,
  };
}

const generatedCommits = 905;
const folders = ['core', 'docs', 'pkg', 'gallery', 'backend/python/common', 'backend/go/shared', 'scripts/build'];

function generatedHistory(): History {
  const matrix = largeMatrix({ legs: 457, pairs: 71 });
  const random = chanceOf(905);
  const backends = backendsIn(matrix).map(({ folder }) => folder);
  const paths = [...folders, ...backends].flatMap((folder) =>
    Array.from({ length: 12 }, (_, place) => `${folder}/file-${place}`),
  );
  const pick = (): string => paths[random.below(paths.length)] ?? '';
  const commits = Array.from({ length: generatedCommits }, () => Array.from({ length: 1 + random.below(3) }, pick));
  return { isReal: false, matrix, paths, commits };
}

/** No path that is a folder of another. */
function withoutClashes(paths: readonly string[]): readonly string[] {
  const all = new Set(paths);
  const above = new Set([...all].flatMap(foldersOf));
  return [...all].filter((path) => !above.has(path));
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, place) => parts.slice(0, place + 1).join('/'));
}

interface Backend {
  readonly dockerfile: string;
  readonly folder: string;
}

function backendsIn(matrix: string): readonly Backend[] {
  const found = matrix
    .split(/^ {2}- /m)
    .slice(1)
    .flatMap((entry) => {
      const field = (name: string): string => new RegExp(`^ *${name}: *["']?([^"'\n]*)`, 'm').exec(entry)?.[1] ?? '';
      const [dockerfile, backend] = [field('dockerfile').replace(/^\.\//, ''), field('backend')];
      if (dockerfile === '') return [];
      return [{ dockerfile, folder: `backend/${kindOf(dockerfile)}/${backend}` }];
    });
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function kindOf(dockerfile: string): string {
  if (dockerfile.endsWith('.python')) return 'python';
  return dockerfile.endsWith('.golang') ? 'go' : 'cpp';
}

/** What a target says it reads where its Dockerfile takes the whole context, as such a project could write it. */
const declared = `inputs:
  - "backend/*/{backend}"
  - "backend/backend.proto"
  - "backend/python/common"
  - "pkg"
  - "go.mod"
  - "go.sum"
  - "Makefile"
  - "scripts/build"
`;

/** The history as a repository, its first commit the one before all; gives that one's id. `narrow` declares what targets read. */
export async function historyRepository(
  history: History,
  { narrow = false }: { readonly narrow?: boolean } = {},
): Promise<TestRepository & { readonly first: string }> {
  const repository = await testRepository();
  const backends = backendsIn(history.matrix);
  const own: Record<string, string> = {
    'fanfold.yaml': matrixMapping(matrixPath, narrow ? declared : ''),
    [matrixPath]: history.matrix,
    '.dockerignore': '.git\n',
    'backend/backend.proto': 'syntax = "proto3";\n',
    'scripts/build/package-gpu-libs.sh': '#!/bin/sh\n',
    'backend/python/common/libbackend.sh': '#!/bin/sh\n',
  };
  for (const { dockerfile, folder } of backends) {
    own[dockerfile] = dockerfileText(kindOf(dockerfile));
    own[`${folder}/Makefile`] ??= 'all:\n';
  }
  const wanted = withoutClashes([...Object.keys(own), ...history.paths]);
  const stream = [
    ...commitLines(
      'the family before',
      1,
      wanted.map((path) => [path, own[path] ?? `${path}\n`]),
    ),
    ...history.commits.flatMap((paths, place) =>
      commitLines(`${place + 1}`, place + 2, contentOf(paths, place + 1, wanted, own)),
    ),
  ].join('');
  await fastImport(repository.path, stream);
  await repository.git('reset', '-q', '--hard', 'main');
  const roots = await repository.git('rev-list', '--max-parents=0', 'HEAD');
  return { ...repository, first: roots.trim(), [Symbol.dispose]: () => repository[Symbol.dispose]() };
}

/** Dockerfiles change in a comment... and an instruction, so that a change of one counts; the matrix, whose edits are not known, in a comment. */
function contentOf(
  paths: readonly string[],
  round: number,
  wanted: readonly string[],
  own: Readonly<Record<string, string>>,
): readonly (readonly [string, string])[] {
  const there = new Set(wanted);
  return [...new Set(paths)]
    .filter((path) => there.has(path))
    .map((path) => {
      const text = own[path] ?? `${path}\n`;
      if (text.startsWith('ARG BASE_IMAGE')) return [path, text.replace('RUN build', `RUN build ${round}`)];
      return [path, path === '.dockerignore' ? `${text}# ${round}\n` : `${text}# ${round}\n`];
    });
}

function dockerfileText(kind: string): string {
  const head = `ARG BASE_IMAGE=ubuntu:24.04\nFROM \${BASE_IMAGE} AS builder\nARG BACKEND\nARG BUILD_TYPE\n`;
  const tail = `RUN build\nFROM scratch\nCOPY --from=builder /app /\n`;
  if (kind === 'python') {
    return `${head}COPY backend/python/\${BACKEND} /app/\${BACKEND}\nCOPY backend/backend.proto /app/\nCOPY backend/python/common/ /app/common\nCOPY scripts/build/package-gpu-libs.sh /\n${tail}`;
  }
  return kind === 'go'
    ? `${head}COPY backend/go/\${BACKEND}/ /app/\nCOPY . /app\n${tail}`
    : `${head}COPY . /app\n${tail}`;
}

function commitLines(message: string, time: number, files: readonly (readonly [string, string])[]): readonly string[] {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  return [
    `commit refs/heads/main\ncommitter Test <test@example.test> ${1_700_000_000 + time} +0000\n${data(message)}`,
    ...files.map(([path, text]) => `M 100644 inline ${JSON.stringify(path)}\n${data(text)}`),
  ];
}

async function fastImport(folder: string, stream: string): Promise<void> {
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: folder, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`git fast-import: ${status}`))));
  });
  child.stdin.end(stream);
  await ended;
}
