// The root file system of an image in an OCI layout, its layers laid over each other, by another library than the product's.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';

/** What stands at a path: `-` file, `d` folder, `l` link, `c`, `b`, `p` devices; mode and owner; content's digest or link's target. */
export type FlatRoot = ReadonlyMap<string, string>;

/** An image as a reader sees it. */
export interface FlatImage {
  readonly root: FlatRoot;
  readonly config: Readonly<Record<string, unknown>>;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** What points to content, as JSON has it. */
export interface Pointer {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Gives the bytes that something points to. */
export type ReadBlob = (pointer: Pointer) => Uint8Array | Promise<Uint8Array>;

/** Reads the only image of a layout. */
export async function flattenLayout(folder: string): Promise<FlatImage> {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: Pointer[] };
  const [root, ...more] = index.manifests;
  if (root === undefined || more.length > 0) throw new Error(`${folder} has ${index.manifests.length} images`);
  return await flattenImage(({ digest }) => readFileSync(join(folder, 'blobs', ...digest.split(':'))), root);
}

/** Reads an image, every blob checked against its digest. An index is followed where it has one manifest. */
export async function flattenImage(read: ReadBlob, pointer: Pointer): Promise<FlatImage> {
  const manifest = await readJson(read, pointer);
  if (Array.isArray(manifest['manifests'])) {
    const [only, ...more] = manifest['manifests'] as Pointer[];
    if (only === undefined || more.length > 0) throw new Error(`${pointer.digest} has not one manifest`);
    return await flattenImage(read, only);
  }
  const config = await readJson(read, manifest['config'] as Pointer);
  const diffIds = (config['rootfs'] as { diff_ids?: string[] }).diff_ids ?? [];
  const layers = (manifest['layers'] ?? []) as Pointer[];
  const root = new Map<string, string>();
  for (const [place, layer] of layers.entries()) {
    const blob = Buffer.from(await checked(read, layer));
    const tar = blob[0] === 0x1f ? gunzipSync(blob) : blob;
    if (sha256(tar) !== diffIds[place]) throw new Error(`layer ${place} does not have its diffID`);
    await layOver(root, tar);
  }
  return { root, config, manifest };
}

async function readJson(read: ReadBlob, pointer: Pointer): Promise<Record<string, unknown>> {
  return JSON.parse(Buffer.from(await checked(read, pointer)).toString('utf8'));
}

async function checked(read: ReadBlob, pointer: Pointer): Promise<Uint8Array> {
  const bytes = await read(pointer);
  if (sha256(bytes) !== pointer.digest || bytes.length !== pointer.size) {
    throw new Error(`${pointer.digest} has other bytes`);
  }
  return bytes;
}

const letters: Readonly<Record<string, string>> = {
  directory: 'd',
  symlink: 'l',
  'character-device': 'c',
  'block-device': 'b',
  fifo: 'p',
};

async function layOver(root: Map<string, string>, tar: Uint8Array): Promise<void> {
  const entries = await unpackTar(tar, { strict: true });
  const nameOf = (name: string): string => name.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  for (const { header } of entries) {
    const [, folder = '', name = ''] = /^(.*?)([^/]*)$/.exec(nameOf(header.name)) ?? [];
    if (name === '.wh..wh..opq') removeBelow(root, folder.replace(/\/$/, ''));
    else if (name.startsWith('.wh.')) remove(root, `${folder}${name.slice(4)}`);
  }
  for (const { header, data } of entries) {
    const path = nameOf(header.name);
    if (/(?:^|\/)\.wh\.[^/]*$/.test(path) || path === '' || path === '.') continue;
    if (header.type !== 'directory' || !root.get(path)?.startsWith('d')) remove(root, path);
    makeWay(root, path);
    const hardlink = header.type === 'link' ? root.get(nameOf(header.linkname ?? '')) : undefined;
    if (header.type === 'link' && hardlink === undefined) throw new Error(`${path} is a hard link to nothing`);
    const owner = `${header.uid}:${header.gid}`;
    const what = header.type === 'symlink' ? header.linkname : data === undefined ? '' : sha256(data).slice(7, 23);
    // A link's mode is what the system makes it.
    const mode = header.type === 'symlink' ? '777' : (header.mode ?? 0).toString(8);
    root.set(path, hardlink ?? `${letters[header.type ?? ''] ?? '-'} ${mode} ${owner} ${what}`.trimEnd());
  }
}

/** A folder that is on the way only: as an overlay, it hides a link of a lower layer. */
function makeWay(root: Map<string, string>, path: string): void {
  for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
    const folder = path.slice(0, slash);
    if (!root.get(folder)?.startsWith('d')) root.set(folder, 'd 755 0:0');
  }
}

function remove(root: Map<string, string>, path: string): void {
  root.delete(path);
  removeBelow(root, path);
}

function removeBelow(root: Map<string, string>, folder: string): void {
  for (const path of [...root.keys()]) if (folder === '' || path.startsWith(`${folder}/`)) root.delete(path);
}

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
