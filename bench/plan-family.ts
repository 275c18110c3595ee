/** Families to plan: a real one's matrix and paths where its data is here, and generated ones of any size, each in a Git repository. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { largeMatrix } from '../test/support/large-matrix.ts';
import { matrixMapping } from '../test/support/matrix-mapping.ts';
import { type TestRepository, testRepository } from '../test/support/repository.ts';
import { dockerfileFor, dockerignore } from './plan-standins.ts';

const data = fileURLToPath(new URL('../../shared/data/localai', import.meta.url));

/** A family of a size. */
export interface Size {
  readonly legs: number;
  readonly files: number;
}

/** A committed family. */
export interface PlannedFamily {
  readonly repository: TestRepository;
  /** Whether its matrix and paths are a real family's. */
  readonly isReal: boolean;
}

/** The size of the real family. */
export const realSize: Size = { legs: 457, files: 3648 };
/** Legs that are the second platform of another. */
const realPairs = 71;

/** The real family's matrix and paths with stand-ins for its texts; a generated family of the same shape where its data is not here. */
export async function realFamily(): Promise<PlannedFamily> {
  const isReal = existsSync(join(data, 'matrix-newest.yml')) && existsSync(join(data, 'tree-newest.txt'));
  if (!isReal) return { repository: await scaledFamily(realSize), isReal };
  const matrix = readFileSync(join(data, 'matrix-newest.yml'), 'utf8');
  const lines = readFileSync(join(data, 'tree-newest.txt'), 'utf8').trimEnd().split('\n');
  const paths = lines.map((line) => {
    const [mode = '', , id = '', path = ''] = line.split(/[ \t]/);
    return { mode, id, path };
  });
  return { repository: await committed([matrix], paths), isReal };
}

/** A generated family: half of its targets for two platforms, its backends' folders sharing the files. */
export async function scaledFamily({ legs, files }: Size): Promise<TestRepository> {
  const pairs = legs === realSize.legs ? realPairs : Math.floor(legs / 2);
  const matrix = largeMatrix({ legs, pairs });
  return await committed(inParts(matrix), scaledPaths(matrix, files));
}

const entriesInPart = 5000;

/** A file has at most 200,000 nodes: a huge matrix is several, both platforms of a target in one. */
function inParts(matrix: string): readonly string[] {
  const [head = '', ...entries] = matrix.split(/(?=^ {2}- build-type:)/m);
  const parts: string[] = [];
  let part: string[] = [];
  for (const [place, entry] of entries.entries()) {
    part.push(entry);
    const isPair = suffixOf(entry) === suffixOf(entries[place + 1] ?? '');
    if ((part.length < entriesInPart || isPair) && place < entries.length - 1) continue;
    parts.push(`${head}${part.join('')}`);
    part = [];
  }
  return parts;
}

function suffixOf(entry: string): string | undefined {
  return /tag-suffix: '([^']*)'/.exec(entry)?.[1];
}

interface ListedPath {
  readonly mode: string;
  readonly id: string;
  readonly path: string;
}

/** A third of the files in backends' folders, the others in folders of 100 that only a whole context takes. */
function* scaledPaths(matrix: string, files: number): Generator<ListedPath> {
  const entries = [...matrix.matchAll(/backend: "([^"]+)"\n +dockerfile: "\.\/backend\/Dockerfile\.(\w+)"/g)];
  const folders = [
    ...new Set(entries.map(([, backend, kind]) => `backend/${kind === 'python' ? 'python' : 'go'}/${backend}`)),
  ];
  const own = ['backend/backend.proto', 'backend/python/common/base.py', 'scripts/build/package-gpu-libs.sh'];
  const kinds = ['python', 'golang'].map((kind) => `backend/Dockerfile.${kind}`);
  const fixed = [...own, ...kinds];
  for (const path of fixed) yield { mode: '100644', id: '', path };
  for (let place = 0; place < files - fixed.length; place++) {
    const folder = folders[place % folders.length] ?? 'backend';
    const shared = `core/part-${Math.floor(place / 10_000)}/group-${Math.floor(place / 100) % 100}`;
    const path =
      place < folders.length || place % 3 === 0 ? `${folder}/file-${place}.txt` : `${shared}/file-${place}.txt`;
    yield { mode: '100644', id: '', path };
  }
}

/** A repository with these paths in its commit and its index; of its work tree only the configuration is written. */
async function committed(matrices: readonly string[], paths: Iterable<ListedPath>): Promise<TestRepository> {
  const repository = await testRepository();
  const names = matrices.map((_, place) => `matrix-${place}.yml`);
  const own: Readonly<Record<string, string>> = {
    '.dockerignore': dockerignore,
    'fanfold.yaml': matrixMapping(names),
    ...Object.fromEntries(matrices.map((matrix, place) => [`matrix-${place}.yml`, matrix])),
  };
  const importing = spawn('git', ['fast-import', '--quiet'], {
    cwd: repository.path,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  Readable.from(batches(importCommands(paths, own))).pipe(importing.stdin);
  const [status] = await once(importing, 'close');
  if (status !== 0) throw new Error(`git fast-import ended with ${status}`);
  await repository.git('read-tree', 'HEAD');
  for (const [path, text] of Object.entries(own)) writeFileSync(join(repository.path, path), text);
  return repository;
}

function* importCommands(paths: Iterable<ListedPath>, own: Readonly<Record<string, string>>): Generator<string> {
  const blob = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  // One blob serves all files whose text nobody reads: what is planned is their paths.
  yield `blob\nmark :1\n${blob('file')}`;
  yield `commit refs/heads/main\ncommitter Test <test@example.test> 1704164645 +0000\n${blob('A family')}`;
  for (const [path, text] of Object.entries(own)) yield `M 100644 inline ${path}\n${blob(text)}`;
  for (const { mode, id, path } of paths) {
    const kind = /(?:^|\/)Dockerfile\.([\w-]+)$/.exec(path)?.[1];
    if (kind !== undefined) yield `M 100644 inline ${path}\n${blob(dockerfileFor(kind))}`;
    else if (mode === '160000') yield `M 160000 ${id} ${path}\n`;
    else if (own[path] === undefined) yield `M ${mode} :1 ${path}\n`;
  }
}

/** Text in pieces that a pipe takes well. */
function* batches(lines: Iterable<string>): Generator<string> {
  let batch = '';
  for (const line of lines) {
    batch += line;
    if (batch.length < 65_536) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}
