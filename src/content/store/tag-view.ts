/** One tag of a store and no other: what may be lent of a repository that holds more than the borrower's own. It counts what passes. */
import { FanfoldError } from '../../base/errors/error.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { Sizes, Store, Uploads } from './store.ts';

/** What passed so far. */
export interface Traffic {
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** The first thing that the store could not do; absent where it did all. */
  readonly readProblem?: unknown;
  readonly writeProblem?: unknown;
  /** Whether the tag was moved. */
  readonly isTagged: boolean;
  /** Blobs that were asked for and are not there. */
  readonly lacking: ReadonlySet<Digest>;
}

/** A store of which one tag is seen. */
export type TagView = Store & Uploads & Sizes & { traffic(): Traffic };

/** What is lent. */
export interface TagViewOptions {
  readonly tag: string;
  /** Whether content may be written, and the tag moved. */
  readonly writes: boolean;
}

const maxLacking = 1000;

/** A view of `store`. Content is read and written by its digest as ever; every other tag is as if it were not there. */
export function tagView(store: Store & Uploads & Sizes, { tag, writes }: TagViewOptions): TagView {
  let [readBytes, writtenBytes, isTagged] = [0, 0, false];
  const problems: { readProblem?: unknown; writeProblem?: unknown } = {};
  const lacking = new Set<Digest>();
  const reading = <T>(work: Promise<T>): Promise<T> => noted(work, (error) => (problems.readProblem ??= error));
  const writing = <T>(work: Promise<T>): Promise<T> => noted(work, (error) => (problems.writeProblem ??= error));
  const count = (bytes: Uint8Array): void => {
    writtenBytes += bytes.length;
  };
  return {
    has: (content, cancel) => reading(store.has(content, cancel)),
    async sizeOf(blob, cancel) {
      const size = await reading(store.sizeOf(blob, cancel));
      if (size === undefined && lacking.size < maxLacking) lacking.add(blob);
      return size;
    },
    async resolve(name, cancel) {
      return name === tag || isDigest(name) ? await reading(store.resolve(name, cancel)) : undefined;
    },
    async *read(content, cancel) {
      try {
        for await (const piece of store.read(content, cancel)) {
          readBytes += piece.length;
          yield piece;
        }
      } catch (error) {
        problems.readProblem ??= error;
        throw error;
      }
    },
    async write(content, bytes, cancel) {
      requireLent(writes);
      await writing(store.write(content, counted(bytes, count), cancel));
    },
    async tag(content, name, cancel) {
      requireLent(writes && name === tag);
      await writing(store.tag(content, name, cancel));
      isTagged = true;
    },
    async begin(cancel, options) {
      requireLent(writes);
      const upload = await writing(store.begin(cancel, options));
      return {
        append(bytes, own) {
          count(bytes);
          return writing(upload.append(bytes, own));
        },
        commit: (digest, own) => writing(upload.commit(digest, own)),
        cancel: () => upload.cancel(),
      };
    },
    traffic: () => ({ readBytes, writtenBytes, ...problems, isTagged, lacking }),
  };
}

async function noted<T>(work: Promise<T>, note: (error: unknown) => void): Promise<T> {
  try {
    return await work;
  } catch (error) {
    note(error);
    throw error;
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  count: (piece: Uint8Array) => void,
): AsyncIterable<Uint8Array> {
  for await (const piece of bytes) {
    count(piece);
    yield piece;
  }
}

function requireLent(isLent: boolean): void {
  if (!isLent) throw new FanfoldError('registry.denied', 'what is lent here may not be written so');
}
