/** Digests (OCI image specification 1.1, descriptor.md, "Digests"): what names content. */
import { createHash } from 'node:crypto';
import { FanfoldError } from '../../base/errors/error.ts';

/** `algorithm:encoded`, sha256 or sha512; only `parseDigest`, `digestOf` and a Hasher make one. */
export type Digest = string & { readonly brand: 'Digest' };

const form = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** @throws FanfoldError `content.invalid` where it is not a sha256 or sha512 digest */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new FanfoldError('content.invalid', `${JSON.stringify(text.slice(0, 100))} is not a sha256 or sha512 digest`);
}

/** Whether `text` is a digest that Fanfold can verify. */
export function isDigest(text: string): text is Digest {
  return form.test(text);
}

/** The sha256 digest of bytes that are all there. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** Hashes a stream, piece by piece. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  /** Ends the hasher. */
  digest(): Digest;
}

/** A hasher of the algorithm that `like` names; sha256 where absent. */
export function createHasher(like?: Digest): Hasher {
  const algorithm = like === undefined ? 'sha256' : algorithmOf(like);
  const hash = createHash(algorithm);
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => `${algorithm}:${hash.digest('hex')}` as Digest,
  };
}

/** `sha256` or `sha512`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}

/** What follows the colon. */
export function encodedOf(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}
