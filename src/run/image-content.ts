/** What an image holds, times left out: its config, and its root file system with all layers laid over each other. */

import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { decompress } from '../content/oci/decompress.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import { createHasher } from '../content/oci/digest.ts';
import { canonicalJson, parseJson } from '../content/oci/json.ts';
import { readTar, type TarMember } from '../content/oci/tar-read.ts';
import { readBytes, readManifest } from '../content/store/copy.ts';
import type { Source } from '../content/store/store.ts';

/** An image, as it is compared. */
export interface ImageContent {
  /** What stands at each path: kind, mode, owner, attributes, and the digest of its bytes or where it points. */
  readonly files: ReadonlyMap<string, string>;
  /** The config's members, each as canonical JSON. Times, and the layers' own digests, which times decide, are not among them. */
  readonly config: ReadonlyMap<string, string>;
}

const maxConfigBytes = 16 * 1024 * 1024;
const maxFiles = 4_000_000;

/** Reads an image by its manifest; layers are streamed. @throws FanfoldError `content.*`, `host.too-large` */
export async function imageContent(source: Source, image: Descriptor, cancel: Cancel): Promise<ImageContent> {
  const { manifest } = await readManifest(source, image, cancel);
  if (manifest.kind !== 'manifest') throw new FanfoldError('content.invalid', `${image.digest} is no image manifest`);
  const config = parseJson(await readBytes(source, manifest.config, maxConfigBytes, cancel), 'an image config');
  const files = new Map<string, string>();
  for (const layer of manifest.layers) await layOver(files, source.read(layer, cancel));
  return { files, config: configMembers(config) };
}

function configMembers(config: unknown): ReadonlyMap<string, string> {
  if (typeof config !== 'object' || config === null) return new Map();
  const members = inner(inner(Object.entries(config), 'config'), 'config.Labels').filter(
    ([name]) => name !== 'created' && name !== 'rootfs',
  );
  return new Map(
    members.map(([name, value]) => [name, canonicalJson(name === 'history' ? withoutTimes(value) : value)]),
  );
}

/** The members with those of one of them in its place, by their longer names. */
function inner(members: readonly (readonly [string, unknown])[], of: string): readonly (readonly [string, unknown])[] {
  return members.flatMap(([name, value]) =>
    name === of && typeof value === 'object' && value !== null
      ? Object.entries(value).map(([own, what]) => [`${name}.${own}`, what] as const)
      : [[name, value] as const],
  );
}

function withoutTimes(history: unknown): unknown {
  if (!Array.isArray(history)) return history;
  return history.map((step: unknown) =>
    typeof step === 'object' && step !== null
      ? Object.fromEntries(Object.entries(step).filter(([name]) => name !== 'created'))
      : step,
  );
}

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';

/** Lays a layer over what is there (OCI image specification 1.1, layer.md): what it takes away is taken from lower layers alone. */
async function layOver(files: Map<string, string>, layer: AsyncIterable<Uint8Array>): Promise<void> {
  const upper = new Map<string, string>();
  const gone: string[] = [];
  const emptied: string[] = [];
  for await (const member of readTar(decompress(layer))) {
    const path = plain(member.name);
    const slash = path.lastIndexOf('/');
    const [folder, name] = [path.slice(0, Math.max(slash, 0)), path.slice(slash + 1)];
    if (name === opaque) emptied.push(folder);
    else if (name.startsWith(whiteout)) gone.push(join(folder, name.slice(whiteout.length)));
    else upper.set(path, await describe(member, (target) => upper.get(target) ?? files.get(target)));
    if (upper.size > maxFiles) throw new FanfoldError('host.too-large', `a layer of more than ${maxFiles} files`);
  }
  for (const path of gone) removeTree(files, path, true);
  for (const path of emptied) removeTree(files, path, false);
  const replaced = [...upper].filter(([path, now]) => isFolder(files.get(path)) && !isFolder(now));
  for (const [path] of replaced) removeTree(files, path, true);
  for (const [path, now] of upper) files.set(path, now);
}

function removeTree(files: Map<string, string>, path: string, itself: boolean): void {
  if (itself) files.delete(path);
  const within = path === '' ? '' : `${path}/`;
  for (const other of [...files.keys()]) if (other.startsWith(within) && other !== path) files.delete(other);
}

async function describe(member: TarMember, find: (path: string) => string | undefined): Promise<string> {
  const { kind, mode, uid, gid, target } = member;
  if (kind === 'hardlink') return find(plain(target)) ?? `hardlink ${target}`;
  const attributes = [...member.xattrs]
    .map(([name, value]) => `${name}=${Buffer.from(value).toString('base64')}`)
    .sort();
  const what = kind === 'file' ? await digestOf(member) : kind === 'link' ? target : `${member.major}:${member.minor}`;
  // A link has no mode of its own.
  const access = kind === 'link' ? '' : mode.toString(8);
  return [kind, access, `${uid}:${gid}`, what, ...attributes].join(' ');
}

async function digestOf({ bytes }: TarMember): Promise<string> {
  const hasher = createHasher();
  for await (const piece of bytes) hasher.update(piece);
  return hasher.digest();
}

function isFolder(described: string | undefined): boolean {
  return described?.startsWith('folder ') ?? false;
}

function plain(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
