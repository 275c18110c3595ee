import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../../base/host/http.ts';
import { delayIn, errorOf } from './response.ts';

const asked = { host: 'ghcr.io', repository: 'acme/api', what: 'PUT /v2/acme/api/manifests/latest' };

function answer(
  status: number,
  body: string | AsyncIterable<Uint8Array>,
  headers: Record<string, string> = {},
): HttpResponse {
  const stream = typeof body === 'string' ? one(Buffer.from(body)) : body;
  return { status, headers, body: stream, discard: async () => undefined };
}
async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

describe('errorOf', () => {
  test.for([
    { status: 400, code: 'registry.invalid', retryable: false },
    { status: 401, code: 'registry.denied', retryable: false },
    { status: 403, code: 'registry.denied', retryable: false },
    { status: 404, code: 'registry.not-found', retryable: false },
    { status: 405, code: 'registry.invalid', retryable: false },
    { status: 408, code: 'registry.unavailable', retryable: true },
    { status: 413, code: 'registry.invalid', retryable: false },
    { status: 429, code: 'registry.rate-limited', retryable: true },
    { status: 500, code: 'registry.unavailable', retryable: true },
    { status: 501, code: 'registry.invalid', retryable: false },
    { status: 503, code: 'registry.unavailable', retryable: true },
  ])('$status is $code', async ({ status, code, retryable }) => {
    const body = '{"errors":[{"code":"SOME_CODE","message":"some message","detail":{"secret":"detail"}}]}';
    const error = await errorOf(answer(status, body), asked, 0);
    expect(error).toMatchObject({ code, retryable, status, codes: ['SOME_CODE'] });
    expect(error.message).toBe(`ghcr.io answered ${status} to ${asked.what}: SOME_CODE some message`);
    expect(error.place).toEqual({ registry: 'ghcr.io', repository: 'acme/api' });
  });

  test.for([
    { name: 'seconds', headers: { 'retry-after': '7' }, status: 503, body: '', ms: 7000 },
    { name: 'a date', headers: { 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }, status: 429, body: '', ms: 9000 },
    { name: "GHCR's body", headers: {}, status: 429, body: 'retry-after: 12.5ms, allowed: 2000/minute', ms: 13 },
    { name: "GHCR's secondary limit", headers: {}, status: 403, body: 'denied: secondary rate limit', ms: 60_000 },
    { name: 'nothing', headers: {}, status: 500, body: '', ms: undefined },
  ])('$name tells how long to wait', async ({ headers, status, body, ms }) => {
    expect((await errorOf(answer(status, body, headers), asked, 0)).askedMs).toBe(ms);
  });

  test.for([
    { name: 'HTML', body: '<html>502</html>' },
    { name: 'a list of nonsense', body: '{"errors":[null, 3, "x", {"code": 4}, {"message": {}}]}' },
    { name: 'errors that are no list', body: '{"errors": "no"}' },
    { name: 'deep nesting', body: '['.repeat(50_000) },
  ])('$name is still an error', async ({ body }) => {
    expect(await errorOf(answer(502, body), asked, 0)).toMatchObject({ code: 'registry.unavailable', codes: [] });
  });

  test('of an endless body no more than 64 KiB is read', async () => {
    let read = 0;
    const endless = (async function* () {
      for (;;) {
        read += 1000;
        yield Buffer.alloc(1000, 'x');
      }
    })();
    await errorOf(answer(500, endless), asked, 0);
    expect(read).toBeLessThanOrEqual(66_000);
  });
});

test.for([
  { text: 'retry-after: 2s', ms: 2000 },
  { text: 'Retry-After: 3', ms: 3000 },
  { text: 'retry-after: 1m', ms: 60_000 },
  { text: 'try later', ms: undefined },
])('$text', ({ text, ms }) => {
  expect(delayIn(text)).toBe(ms);
});
