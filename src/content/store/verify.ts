/** A stream that ends only if size and digest hold. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, createHasher, type Digest } from '../oci/digest.ts';
import type { UploadOptions } from './store.ts';

/** On a stream: the content that it is checked against by whoever made it. */
const checkedAs = Symbol('checked as');

/**
 * `bytes`, ending only if they are `content`. A stream that is checked already comes back as it is, so that bytes which pass
 * through several stores are hashed once.
 * @throws FanfoldError `content.size`, `content.digest` in the iteration
 */
export function verify(content: Descriptor, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return isChecked(content, bytes) ? bytes : markChecked(content, check(content, bytes));
}

/** Tells the next store that this stream ends only if it is `content`: whoever calls this has seen to it. */
export function markChecked(content: Descriptor, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return Object.assign(bytes, { [checkedAs]: identity(content) });
}

function isChecked(content: Descriptor, bytes: object): boolean {
  return checkedAs in bytes && bytes[checkedAs] === identity(content);
}

function identity(content: Descriptor): string {
  return `${content.digest} ${content.size}`;
}

async function* check(content: Descriptor, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const hasher = createHasher(content.digest);
  let sizeBytes = 0;
  for await (const piece of bytes) {
    sizeBytes += piece.length;
    if (sizeBytes > content.size) throw wrongSize(content, `more than ${content.size}`);
    hasher.update(piece);
    yield piece;
  }
  if (sizeBytes !== content.size) throw wrongSize(content, `${sizeBytes} of ${content.size}`);
  const digest = hasher.digest();
  if (digest !== content.digest) throw wrongDigest(content.digest, digest);
}

/** The error of bytes that are more or fewer than announced. */
export function wrongSize(content: Descriptor, found: string): FanfoldError {
  return new FanfoldError('content.size', `${content.digest} came with ${found} bytes`, {
    place: { digest: content.digest },
    hint: 'the copy that was read is damaged or was cut off: read it from another place, or push it again',
  });
}

/** The error of bytes whose digest is another. */
export function wrongDigest(announced: string, found: string): FanfoldError {
  return new FanfoldError('content.digest', `the bytes announced as ${announced} are ${found}`, {
    place: { digest: announced },
    hint: 'the copy that was read is damaged: read it from another place, or push it again',
  });
}

/** The error of content that is not there. */
export function missing(content: Pick<Descriptor, 'digest'>, where: string): FanfoldError {
  return new FanfoldError('content.missing', `${where} does not hold ${content.digest}`, {
    place: { digest: content.digest },
  });
}

/** Hashes and counts an upload while it comes, its digest known last. */
export interface UploadCheck {
  update(bytes: Uint8Array): void;
  sizeBytes(): number;
  /** @throws FanfoldError `content.digest` where the bytes have another digest, `content.invalid` where it is no sha256 digest */
  assert(digest: Digest): void;
}

/** A check of one upload. Where the caller has hashed the bytes itself (`checked`), they are only counted. */
export function createUploadCheck(options: UploadOptions = {}): UploadCheck {
  const hasher = options.checked === true ? undefined : createHasher();
  let sizeBytes = 0;
  return {
    update(bytes) {
      hasher?.update(bytes);
      sizeBytes += bytes.length;
    },
    sizeBytes: () => sizeBytes,
    assert(digest) {
      if (hasher === undefined) return;
      assertSha256(digest);
      const found = hasher.digest();
      if (found !== digest) throw wrongDigest(digest, found);
    },
  };
}

/**
 * An upload whose digest comes last is hashed while it comes, before its algorithm is known: by sha256, which every client uses.
 * @throws FanfoldError `content.invalid` for another algorithm
 */
export function assertSha256(digest: Digest): void {
  if (algorithmOf(digest) === 'sha256') return;
  throw new FanfoldError('content.invalid', `an upload that tells its digest last must end with a sha256 digest`, {
    place: { digest },
  });
}
