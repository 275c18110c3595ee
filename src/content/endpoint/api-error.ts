/** Errors as the distribution API tells them (distribution specification 1.1, "Error Codes"). */
import { type FanfoldError, isFanfoldError, messageOf } from '../../base/errors/error.ts';
import { isRetryable } from '../store/retryable.ts';

/** The specification's codes. */
export type ApiCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNKNOWN'
  | 'UNSUPPORTED';

/** A request that is answered with an error. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: ApiCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ApiCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** Whatever was thrown while a request was served, as the client is told it. */
export function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (isFanfoldError(thrown)) return fromFanfold(thrown);
  return new ApiError(500, 'UNKNOWN', messageOf(thrown));
}

/** Whether it is the store behind the endpoint that failed, and not the request that was wrong. */
export function isStoreFailure(thrown: unknown): boolean {
  if (thrown instanceof ApiError) return false;
  const { status } = apiErrorOf(thrown);
  return status >= 500 || status === 403;
}

function fromFanfold(error: FanfoldError): ApiError {
  switch (error.code) {
    case 'content.digest':
      return new ApiError(400, 'DIGEST_INVALID', error.message);
    case 'content.size':
      return new ApiError(400, 'SIZE_INVALID', error.message);
    case 'content.missing':
      return new ApiError(400, 'MANIFEST_BLOB_UNKNOWN', error.message);
    case 'content.invalid':
    case 'content.too-deep':
    case 'endpoint.platform':
      return new ApiError(400, 'MANIFEST_INVALID', error.message);
    case 'host.too-large':
      return new ApiError(413, 'SIZE_INVALID', error.message);
    default:
      // What may pass when the client sends it again; else a status that clients show with its message, and do not try again.
      return isRetryable(error)
        ? new ApiError(503, 'UNKNOWN', error.message)
        : new ApiError(403, 'DENIED', error.message);
  }
}
