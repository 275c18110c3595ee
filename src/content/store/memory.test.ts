import { expect, test } from 'vitest';
import { writeBytes } from './copy.ts';
import { memoryStore } from './memory.ts';
import { blob, testStore } from './store.contract.ts';

testStore('memory', async () => ({ store: memoryStore(), [Symbol.asyncDispose]: async () => undefined }));

test('what does not fit into its bound is refused', async () => {
  const store = memoryStore(1000);
  await writeBytes(store, 'application/octet-stream', blob('fits', 600).bytes);
  const second = writeBytes(store, 'application/octet-stream', blob('too much', 600).bytes);
  await expect(second).rejects.toMatchObject({ code: 'host.too-large' });
});
