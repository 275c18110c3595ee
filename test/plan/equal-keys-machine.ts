// What one machine does of a commit: keys its legs and writes their contexts. A process of its own, so that Node.js, umask and locale are its own.
// `node equal-keys-machine.js CHECKOUT UMASK FOLDER` prints a report as JSON.

import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { argv, exit, stdout, umask, version } from 'node:process';
import { nodeHost } from '../../src/base/host/host.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import { writeContext } from '../../src/source/inputs/context.ts';
import { keyLegs } from '../../src/source/inputs/key-legs.ts';
import { loadFamily } from '../../src/source/project/load.ts';
import { writeBase } from '../support/base-image.ts';

/** What a machine says of a commit. */
export interface MachineReport {
  /** Of its Node.js. */
  readonly version: string;
  /** A month's name and a date, as this machine writes them: they show that its locale and zone are others. */
  readonly local: string;
  readonly legs: readonly MachineLeg[];
}

/** A leg: its key, what the key hashes, and everything that a layer could hold of its written context. */
export interface MachineLeg {
  readonly name: string;
  readonly key: string;
  readonly document: string;
  readonly context: readonly (readonly unknown[])[];
}

async function main(root: string, mask: string, folder: string): Promise<MachineReport> {
  umask(Number.parseInt(mask, 8));
  const host = { ...nodeHost(), cwd: root };
  const { family, diagnostics } = await loadFamily(undefined, host);
  if (family === undefined) throw new Error(JSON.stringify(diagnostics));
  const store = memoryStore();
  await writeBase(store, 'latest', { 'linux/amd64': { env: ['A=1'] }, 'linux/arm64': { env: ['A=1'] } });
  const { keyed, failed } = await keyLegs(family, { tree: 'head', open: async () => store }, host);
  for (const { error } of failed) throw error;
  const legs: MachineLeg[] = [];
  for (const { leg, key, document, inputs } of keyed) {
    const context = join(folder, String(legs.length));
    await writeContext(inputs.context, context, host);
    legs.push({ name: leg.name, key, document, context: listing(context) });
  }
  return { version, local: new Date(0).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'full' }), legs };
}

/** Path, mode, time and content of everything in a folder, itself first. */
function listing(root: string, path = ''): readonly (readonly unknown[])[] {
  const found = lstatSync(join(root, path));
  const seen = [path, found.mode.toString(8), found.mtimeMs];
  if (found.isSymbolicLink()) return [[...seen, readlinkSync(join(root, path))]];
  if (!found.isDirectory()) return [[...seen, readFileSync(join(root, path)).toString('base64')]];
  const names = readdirSync(join(root, path)).sort();
  return [seen, ...names.flatMap((name) => listing(root, path === '' ? name : `${path}/${name}`))];
}

const [, , root, mask, folder] = argv;
if (root === undefined || mask === undefined || folder === undefined) exit(2);
stdout.write(JSON.stringify(await main(root, mask, folder)));
