import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describe as describeBytes } from '../oci/descriptor.ts';
import { createHasher } from '../oci/digest.ts';
import { streamOf } from './bytes.ts';
import { inPieces } from './store.contract.ts';
import { markChecked, verify } from './verify.ts';

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

const whole = fc.uint8Array({ maxLength: 300 });
const pieceBytes = fc.integer({ min: 1, max: 50 });

describe('verify', () => {
  test('lets exactly the announced bytes through, in whatever pieces', async () => {
    await fc.assert(
      fc.asyncProperty(whole, pieceBytes, async (bytes, size) => {
        const content = describeBytes('a/b', bytes);
        expect(await drain(verify(content, inPieces(bytes, size)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('ends with an error on any other bytes', async () => {
    await fc.assert(
      fc.asyncProperty(whole, whole, pieceBytes, async (bytes, others, size) => {
        fc.pre(Buffer.compare(bytes, others) !== 0);
        const content = describeBytes('a/b', bytes);
        const code = bytes.length === others.length ? 'content.digest' : 'content.size';
        await expect(drain(verify(content, inPieces(others, size)))).rejects.toMatchObject({ code });
      }),
    );
  });

  test('stops at the announced size, however much comes', async () => {
    let sent = 0;
    const endless = (async function* () {
      for (;;) {
        sent += 100;
        yield Buffer.alloc(100);
      }
    })();
    await expect(drain(verify(describeBytes('a/b', Buffer.alloc(1000)), endless))).rejects.toMatchObject({
      code: 'content.size',
    });
    expect(sent).toBe(1100);
  });

  test('checks sha512, too', async () => {
    const bytes = Buffer.from('five hundred and twelve');
    const like = `sha512:${'0'.repeat(128)}` as Parameters<typeof createHasher>[0];
    const hasher = createHasher(like);
    hasher.update(bytes);
    const content = { mediaType: 'a/b', digest: hasher.digest(), size: bytes.length };
    expect(await drain(verify(content, streamOf(bytes)))).toEqual(bytes);
    await expect(drain(verify(content, streamOf(Buffer.from(bytes).reverse())))).rejects.toThrow();
  });

  test('a stream that is checked already is taken as it is, but for its own content only', () => {
    const [one, two] = [Buffer.from('one'), Buffer.from('two')];
    const stream = markChecked(describeBytes('a/b', one), streamOf(one));
    expect(verify(describeBytes('c/d', one), stream)).toBe(stream);
    expect(verify(describeBytes('a/b', two), stream)).not.toBe(stream);
  });
});
