/** One request and its answer as plain data: what the handlers of the API see of HTTP. */
import type { Cancel } from '../../base/host/cancel.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { ApiError } from './api-error.ts';

/** One request. */
export interface Exchange {
  readonly method: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The body, once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends with the client's connection, and with the endpoint. */
  readonly cancel: Cancel;
}

/** One answer. `content-length` is added for a body that is all there; the body of a HEAD is left out. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
}

/** The body's announced length; undefined where it is chunked. */
export function lengthOf({ headers }: Exchange): number | undefined {
  const text = headers['content-length'];
  if (text !== undefined) return Number(text);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}

/** @throws ApiError DIGEST_INVALID */
export function requireDigest(text: string | null): Digest {
  if (text !== null && isDigest(text)) return text;
  throw new ApiError(400, 'DIGEST_INVALID', `${quoted(text ?? '')} is not a sha256 or sha512 digest`);
}

/** @throws ApiError UNSUPPORTED, always */
export function unsupported(exchange: Exchange, allowed: string): never {
  throw new ApiError(405, 'UNSUPPORTED', `${exchange.method} is not offered here`, { allow: allowed });
}

/** A client's text as it may stand in a message: escaped and cut short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);
}
