/**
 * Files that a command brings. It is run in an export that holds its lock files and the files that it names, and nothing else: what is
 * not in the key cannot decide what it brings, and a big repository costs nothing. That what it fetches is what its lock says is its own
 * to check; here its declared paths must appear, within bounds.
 */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { TemporaryFolder } from '../../base/host/files.ts';
import type { Host } from '../../base/host/host.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import { diskTree } from '../git/disk.ts';
import { overlay } from '../git/overlay.ts';
import { subtree } from '../git/subtree.ts';
import type { Family, Generated, Leg } from '../project/model.ts';
import { restrictedTree, writeContext } from './context.ts';
import { plainPath } from './generated-paths.ts';
import type { GeneratorInputs, KeyedLeg } from './leg-inputs.ts';

type GeneratorHost = Pick<Host, 'exec' | 'env' | 'files' | 'secrets'>;

/** Files that one command brings at the most. */
const maxFiles = 200_000;
/** Output of a command that is kept in memory. */
const maxOutputBytes = 64 * 1024 * 1024;

/**
 * The context of a leg with the files that its target's commands bring over it; without any, the context itself. It lasts until it is
 * disposed of.
 * @throws FanfoldError `inputs.generated` where a command fails or a declared path does not appear, `host.program`
 */
export async function withGenerated(
  { leg, inputs }: KeyedLeg,
  _family: Family,
  host: GeneratorHost,
  cancel: Cancel = {},
): Promise<ReadableTree & AsyncDisposable> {
  const exports: TemporaryFolder[] = [];
  const dispose = async (): Promise<void> => {
    await Promise.all(exports.map((folder) => folder[Symbol.asyncDispose]()));
  };
  let tree = inputs.context;
  try {
    for (const generated of leg.target.generated) {
      if (inputs.generator === undefined) break;
      const folder = await host.files.temporaryFolder('generated');
      exports.push(folder);
      const brought = await generate(generated, leg, inputs.generator, folder.path, host, cancel);
      tree = overlay(tree, brought);
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { ...tree, [Symbol.asyncDispose]: dispose };
}

/** Runs one command; gives what it brought, as paths of the context. */
async function generate(
  generated: Generated,
  leg: Leg,
  generator: GeneratorInputs,
  folder: string,
  host: GeneratorHost,
  cancel: Cancel,
): Promise<ReadableTree> {
  await writeContext(generator.locked, folder, host, cancel);
  await runCommand(generated, leg, folder, host, cancel);
  const made = diskTree(folder);
  const entries = generated.paths.flatMap((path) => broughtEntries(made, path, generated, leg));
  assertBounds(entries, folder, leg);
  const context = plainPath(leg.target.context);
  const inContext = subtree(restrictedTree(made, entries), context);
  const kept = walk(inContext, '').filter(({ path, kind }) => kind !== 'folder' && !generator.isIgnored(path));
  return restrictedTree(inContext, kept);
}

async function runCommand(
  { run }: Generated,
  leg: Leg,
  folder: string,
  host: GeneratorHost,
  cancel: Cancel,
): Promise<void> {
  const [program, ...args] = run;
  if (program === undefined)
    throw failed(leg, 'the command of `generated` is empty', 'write it as a list of arguments');
  const env = {
    ...passedOn(host.env),
    FANFOLD_TARGET: leg.target.name,
    FANFOLD_PLATFORM: formatPlatform(leg.platform),
  };
  const { status, stderr, stdout } = await host.exec.run(program, args, { cwd: folder, env, maxOutputBytes }, cancel);
  if (status === 0) return;
  const said = stderr.trim() === '' ? Buffer.from(stdout).toString('utf8') : stderr;
  const tail = host.secrets.redact(said).trim().split('\n').slice(-10).join('\n');
  throw failed(
    leg,
    `${run.join(' ')} ended with status ${status}: ${tail}`,
    'it sees only the files that `lock` and its own arguments name',
  );
}

/** Programs, the user's own folder, proxies and package managers' settings; no other variable can decide what is brought. */
function passedOn(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => passed.test(name)));
}

const passed =
  /^(?:PATH|HOME|USER|TMPDIR|LANG|LC_ALL|XDG_(?:CACHE|CONFIG)_HOME|https?_proxy|no_proxy|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS|npm_config_\w+|GOPROXY|GOSUMDB|GOMODCACHE|PIP_INDEX_URL|CARGO_HOME)$/i;

function broughtEntries(made: ReadableTree, path: string, { run }: Generated, leg: Leg): readonly TreeEntry[] {
  const entry = made.find(plainPath(path));
  const entries = entry === undefined ? [] : [entry, ...walk(made, entry.path)];
  if (entries.some(({ kind }) => kind !== 'folder')) return entries;
  throw failed(leg, `${run.join(' ')} did not bring ${path}`, 'correct `generated: paths`, or the command');
}

function walk(tree: ReadableTree, folder: string): readonly TreeEntry[] {
  return tree.children(folder).flatMap((entry) => [entry, ...(entry.kind === 'folder' ? walk(tree, entry.path) : [])]);
}

function assertBounds(entries: readonly TreeEntry[], folder: string, leg: Leg): void {
  if (entries.length > maxFiles) {
    throw failed(
      leg,
      `the command brought ${entries.length} files; at most ${maxFiles} are taken`,
      'declare fewer paths',
    );
  }
  const bound = entries.find(({ linkTarget }) => linkTarget?.startsWith(folder));
  if (bound === undefined) return;
  throw failed(
    leg,
    `${bound.path} is a link to the folder that it was made in, which will be gone`,
    'make it relative',
  );
}

function failed({ name, target }: Leg, message: string, hint: string): FanfoldError {
  return new FanfoldError('inputs.generated', `${name}: ${message}`, {
    place: { ...target.place, target: target.name },
    hint,
  });
}
