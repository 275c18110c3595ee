/** Many stores as one: each byte is read once and written to all; whoever may be missing is dropped when it fails, and healed by the next publish. */

import { type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import { type Clock, systemClock } from '../../base/host/clock.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { isManifestType } from '../oci/media-types.ts';
import { type Absences, createAbsences } from './absences.ts';
import { createMembers, type Member, type Members } from './members.ts';
import { type Spread, type SpreadOptions, spread } from './spread.ts';
import {
  canMount,
  type Mounts,
  type Sizes,
  type Store,
  takesUploads,
  tellsSizes,
  type Upload,
  type UploadOptions,
  type Uploads,
} from './store.ts';
import { createUploadCheck, markChecked, verify } from './verify.ts';

/** What a fan-out tells: a member left it; or what came of one content at one member. */
export type FanOutEvent =
  | { readonly kind: 'dropped'; readonly member: string; readonly problem: unknown }
  | { readonly kind: 'written' | 'mounted' | 'skipped'; readonly member: string; readonly content: Descriptor };

/** How a fan-out waits, and who hears. */
export interface FanOutOptions {
  readonly on?: (event: FanOutEvent) => void;
  readonly clock?: Clock;
  /** How long a member that is not required may keep the others waiting, in one write; 30 s by default. */
  readonly lagMs?: number;
  /** Bytes that wait for one member at the most; 1 MiB by default. */
  readonly queueBytes?: number;
}

/** Stores in front of which it stands, as one. */
export type FanOut = Store & Uploads & Mounts & Sizes & { dropped(): ReadonlyMap<string, unknown> };

interface Parts {
  readonly members: Members;
  /** Blobs whose size a member did not know when it was asked last. */
  readonly absent: ReadonlyMap<Member, Absences>;
  readonly spread: SpreadOptions;
  readonly on: (event: FanOutEvent) => void;
}

/** A store in front of `members`. It reads from the first that is required, and holds what all hold that were not dropped. */
export function fanOut(members: readonly Member[], options: FanOutOptions = {}): FanOut {
  const on = options.on ?? (() => undefined);
  const { clock = systemClock, lagMs = 30_000, queueBytes = 1024 * 1024 } = options;
  const onDrop = (member: Member, problem: unknown): void => on({ kind: 'dropped', member: member.name, problem });
  const parts: Parts = {
    members: createMembers(members, { clock, lagMs, onDrop }),
    absent: new Map(members.map((member) => [member, createAbsences(clock)])),
    spread: { clock, lagMs, queueBytes },
    on,
  };
  return {
    has: async (content, cancel = {}) => (await lacking(parts, content, cancel)).length === 0,
    read: (content, cancel) => primary(parts).store.read(content, cancel),
    resolve: (name, cancel) => primary(parts).store.resolve(name, cancel),
    write: (content, bytes, cancel = {}) => write(parts, content, bytes, cancel),
    tag: async (content, name, cancel = {}) => {
      const work = (member: Member, own: Cancel): Promise<void> => member.store.tag(content, name, own);
      await parts.members.each(parts.members.live(), work, cancel);
    },
    begin: async (cancel = {}, uploading) => begin(parts, uploading, cancel),
    // Each member mounts from its own neighbours: what a client names exists on none of them, or is not its to read.
    mount: async (blob, _from, cancel = {}) => (await needing(parts, blob, cancel)).length === 0,
    sizeOf: (blob, cancel = {}) => sizeOf(parts, blob, cancel),
    dropped: () => parts.members.dropped(),
  };
}

function primary(parts: Parts): Member {
  const live = parts.members.live();
  const found = live.find((member) => member.required) ?? live[0];
  if (found === undefined) throw new RangeError('a fan-out without members');
  return found;
}

/** The live members that do not have the content. */
async function lacking(parts: Parts, content: Descriptor, cancel: Cancel): Promise<readonly Member[]> {
  const work = (member: Member, own: Cancel): Promise<boolean> => member.store.has(content, own);
  const has = await parts.members.each(parts.members.live(), work, cancel);
  return [...has].filter(([, there]) => !there).map(([member]) => member);
}

/** The blob's size where every live member has it, and tells. */
async function sizeOf(parts: Parts, blob: Digest, cancel: Cancel): Promise<number | undefined> {
  const work = async (member: Member, own: Cancel): Promise<number | undefined> => {
    if (!tellsSizes(member.store)) return undefined;
    const size = await member.store.sizeOf(blob, own);
    if (size === undefined) parts.absent.get(member)?.note(blob);
    return size;
  };
  const [size, ...others] = (await parts.members.each(parts.members.live(), work, cancel)).values();
  return others.every((other) => other === size) ? size : undefined;
}

/** The live members that must be sent the content's bytes: they neither have it nor could mount it. */
async function needing(parts: Parts, content: Descriptor, cancel: Cancel): Promise<readonly Member[]> {
  const work = async (member: Member, own: Cancel): Promise<'skipped' | 'mounted' | 'needed'> => {
    const isAbsent = parts.absent.get(member)?.isRecent(content.digest) === true;
    if (!isAbsent && (await member.store.has(content, own))) return 'skipped';
    return (await mounted(member, content, own)) ? 'mounted' : 'needed';
  };
  const states = await parts.members.each(parts.members.live(), work, cancel);
  const needed: Member[] = [];
  for (const [member, kind] of states) {
    if (kind === 'needed') needed.push(member);
    else parts.on({ kind, member: member.name, content });
    if (kind === 'mounted') parts.absent.get(member)?.forget(content.digest);
  }
  return needed;
}

async function mounted(member: Member, content: Descriptor, cancel: Cancel): Promise<boolean> {
  const { store, mountFrom = [] } = member;
  // A manifest is no blob: a registry would open an upload for it that nobody ends.
  if (!canMount(store) || isManifestType(content.mediaType)) return false;
  for (const from of typeof mountFrom === 'function' ? mountFrom(content) : mountFrom) {
    if (await store.mount(content, from, cancel)) return true;
  }
  return false;
}

async function write(
  parts: Parts,
  content: Descriptor,
  bytes: AsyncIterable<Uint8Array>,
  cancel: Cancel,
): Promise<void> {
  throwIfCancelled(cancel);
  const needed = await needing(parts, content, cancel);
  if (needed.length === 0) return;
  const consume = async (member: Member, stream: AsyncIterable<Uint8Array>, own: Cancel): Promise<void> => {
    await member.store.write(content, markChecked(content, stream), own);
    parts.absent.get(member)?.forget(content.digest);
    parts.on({ kind: 'written', member: member.name, content });
  };
  const way = spread(parts.members, needed, consume, parts.spread, cancel);
  try {
    for await (const piece of verify(content, bytes)) {
      await way.push(piece);
      // Somebody else's write was quicker, everywhere, or all have been dropped: the rest need not be read.
      if (!way.wanted()) break;
    }
  } catch (error) {
    await way.fail(error);
    throw error;
  }
  await way.end();
  parts.members.live();
}

/** An upload to all, hashed once, here. */
function begin(parts: Parts, options: UploadOptions | undefined, cancel: Cancel): Upload {
  const check = createUploadCheck(options);
  const told: { digest?: Digest } = {};
  let over = false;
  const consume = (member: Member, stream: AsyncIterable<Uint8Array>, own: Cancel): Promise<void> =>
    uploadTo(member, stream, told, own);
  const way = spread(parts.members, parts.members.live(), consume, parts.spread, cancel);
  return {
    async append(bytes, own) {
      throwIfCancelled(own);
      check.update(bytes);
      await way.push(bytes);
    },
    commit: (digest, own) =>
      endUpload(way, own, async () => {
        over = true;
        check.assert(digest);
        told.digest = digest;
        await way.end();
        parts.members.live();
        return { mediaType: 'application/octet-stream', digest, size: check.sizeBytes() };
      }),
    async cancel() {
      if (over) return;
      over = true;
      await way.fail(new DOMException('the upload was cancelled', 'AbortError'));
    },
  };
}

async function endUpload<T>(way: Spread, cancel: Cancel | undefined, work: () => Promise<T>): Promise<T> {
  const stop = (): void => void way.fail(cancel?.signal?.reason);
  try {
    throwIfCancelled(cancel);
    cancel?.signal?.addEventListener('abort', stop, { once: true });
    return await work();
  } catch (error) {
    await way.fail(error);
    throw error;
  } finally {
    cancel?.signal?.removeEventListener('abort', stop);
  }
}

async function uploadTo(
  member: Member,
  stream: AsyncIterable<Uint8Array>,
  told: { readonly digest?: Digest },
  cancel: Cancel,
): Promise<void> {
  if (!takesUploads(member.store)) throw new TypeError(`${member.name} takes no uploads`);
  const upload = await member.store.begin(cancel, { checked: true });
  try {
    for await (const piece of stream) await upload.append(piece, cancel);
    throwIfCancelled(cancel);
    if (told.digest !== undefined) await upload.commit(told.digest, cancel);
  } catch (error) {
    await upload.cancel();
    throw error;
  }
}
