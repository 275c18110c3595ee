// Many small stages in one real build, so that one start of the builder judges many cases.

import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentForPeers, requirePeer } from '../support/peers.ts';
import { type Outcome, run } from '../support/run.ts';
import { type TreeTable, writeTable } from '../support/table-tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What a case left in its stage: path to `folder`, `file:TEXT` or `link:TARGET`. */
export type Files = Readonly<Record<string, string>>;

/** How a build ended: the files of each case, or what the engine said. */
export type Built = { readonly files: readonly Files[] } | { readonly error: string };

/**
 * Builds each case as a stage of its own (`FROM scratch`, then its lines) over one context and gives what is in each.
 * One more stage copies the whole context: else the client sends only what the cases name, and they hide one another.
 */
export async function buildCases(context: TreeTable, cases: readonly string[]): Promise<Built> {
  using folder = temporaryFolder('cases');
  const whole = 'FROM scratch AS whole\nCOPY . /\n';
  const stages = cases.map((lines, index) => `FROM scratch AS case${index}\nWORKDIR /\n${lines}\n`);
  const joined = cases.map((_, index) => `COPY --from=case${index} / /${index}/\n`);
  const dockerfile = `${whole}${stages.join('')}FROM scratch\nCOPY --from=whole / /whole/\n${joined.join('')}`;
  mkdirSync(join(folder.path, 'context'));
  writeTable(join(folder.path, 'context'), context);
  // Without the cache: its keys leave excluded files out, and a case would get the result of one of an earlier build.
  const outcome = await build(folder.path, dockerfile, ['--no-cache', '--output', 'type=local,dest=out']);
  if (outcome.status !== 0) return { error: outcome.stderr };
  return { files: cases.map((_, index) => readFiles(join(folder.path, 'out', String(index)))) };
}

/** The config of an image that a Dockerfile without context makes. */
export async function buildConfig(
  dockerfile: string,
  flags: readonly string[] = [],
): Promise<{ config: ImageConfig } | { error: string }> {
  using folder = temporaryFolder('config');
  mkdirSync(join(folder.path, 'context'));
  const output = ['--output', 'type=oci,dest=out,tar=false', '--provenance=false', ...flags];
  const outcome = await build(folder.path, dockerfile, output);
  if (outcome.status !== 0) return { error: outcome.stderr };
  const read = (digest: string) =>
    JSON.parse(readFileSync(join(folder.path, 'out', 'blobs', ...digest.split(':')), 'utf8'));
  const index = JSON.parse(readFileSync(join(folder.path, 'out', 'index.json'), 'utf8'));
  return { config: read(read(index.manifests[0].digest).config.digest).config };
}

/** The fields of an image's config that tests look at. */
export interface ImageConfig {
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
}

async function build(folder: string, dockerfile: string, flags: readonly string[]): Promise<Outcome> {
  writeFileSync(join(folder, 'Dockerfile'), dockerfile);
  const words = ['buildx', 'build', '--network', 'none', '--progress', 'plain', '--file', 'Dockerfile', ...flags];
  const options = { cwd: folder, env: environmentForPeers(), timeoutMs: 120_000 };
  return run(requirePeer('docker'), [...words, 'context'], options);
}

function readFiles(root: string, path = ''): Files {
  const found: Record<string, string> = {};
  for (const name of readNames(join(root, path))) {
    const inner = path === '' ? name : `${path}/${name}`;
    const status = lstatSync(join(root, inner));
    if (status.isDirectory()) Object.assign(found, { [inner]: 'folder' }, readFiles(root, inner));
    else if (status.isSymbolicLink()) found[inner] = `link:${readlinkSync(join(root, inner))}`;
    else found[inner] = `file:${readFileSync(join(root, inner), 'utf8')}`;
  }
  return found;
}

function readNames(folder: string): readonly string[] {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
}
