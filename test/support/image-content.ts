// What is inside an image that a builder made: its files, its statements, its config, read back from the store that took it.

import { lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseStatement, type Statement } from '../../src/content/oci/attestation.ts';
import type { Descriptor } from '../../src/content/oci/descriptor.ts';
import type { ImageManifest } from '../../src/content/oci/manifest.ts';
import { readBytes, readManifest } from '../../src/content/store/copy.ts';
import type { Source } from '../../src/content/store/store.ts';
import { runOk } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

const maxBytes = 64 * 1024 * 1024;
const maxFileBytes = 64 * 1024;

/** The text of every file of at most 64 KiB by its path, upper layers over lower ones (no deletions). */
export async function filesOf(source: Source, image: Descriptor): Promise<Readonly<Record<string, string>>> {
  using folder = temporaryFolder('image');
  for (const layer of await layersOf(source, image)) {
    await runOk('tar', ['-xzf', layer.path, '-C', folder.path, '--no-same-owner', '--exclude=dev/*']);
    layer[Symbol.dispose]();
  }
  const files: Record<string, string> = {};
  for (const name of readdirSync(folder.path, { recursive: true, encoding: 'utf8' })) {
    const found = lstatSync(join(folder.path, name));
    if (found.isFile() && found.size <= maxFileBytes) files[name] = readFileSync(join(folder.path, name), 'utf8');
  }
  return files;
}

/** Each entry of the layers as `tar` lists it: mode, day and path, sorted by path. */
export async function listingOf(source: Source, image: Descriptor): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const layer of await layersOf(source, image)) {
    lines.push(...(await runOk('tar', ['-tvzf', layer.path, '--numeric-owner', '--utc'])).split('\n'));
    layer[Symbol.dispose]();
  }
  const byPath = (line: string): string => line.split(' ').slice(2).join(' ');
  return lines
    .filter((line) => line !== '')
    .map((line) => line.replace(/^(\S+)\s+\S+\s+\d+\s+(\S+)\s+\S+\s+/, '$1 $2 '))
    .sort((a, b) => (byPath(a) < byPath(b) ? -1 : 1));
}

/** The statements of attestation manifests, parsed. */
export async function statementsOf(source: Source, attestations: readonly Descriptor[]): Promise<readonly Statement[]> {
  return (await statementTexts(source, attestations)).map((text) => parseStatement(Buffer.from(text)));
}

/** The statements of attestation manifests as they stand. */
export async function statementTexts(source: Source, attestations: readonly Descriptor[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const attestation of attestations) {
    for (const layer of (await imageManifest(source, attestation)).layers) {
      texts.push(Buffer.from(await readBytes(source, layer, maxBytes)).toString());
    }
  }
  return texts;
}

/** An image's config as JSON has it. */
export async function configOf(source: Source, image: Descriptor): Promise<Readonly<Record<string, unknown>>> {
  const { config } = await imageManifest(source, image);
  return JSON.parse(Buffer.from(await readBytes(source, config, maxBytes)).toString());
}

/** An image's manifest. */
export async function imageManifest(source: Source, image: Descriptor): Promise<ImageManifest> {
  const { manifest } = await readManifest(source, image);
  if (manifest.kind !== 'manifest') throw new Error(`${image.digest} is an index`);
  return manifest;
}

async function layersOf(
  source: Source,
  image: Descriptor,
): Promise<readonly ({ readonly path: string } & Disposable)[]> {
  const { layers } = await imageManifest(source, image);
  return await Promise.all(
    layers.map(async (layer) => {
      const folder = temporaryFolder('layer');
      const path = join(folder.path, 'layer.tar.gz');
      writeFileSync(path, await readBytes(source, layer, maxBytes));
      return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
    }),
  );
}
