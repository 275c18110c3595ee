import { describe, test } from 'vitest';
import { describe as describeBytes } from '../content/oci/descriptor.ts';
import { parseLocation } from '../content/oci/reference.ts';
import { memoryStore } from '../content/store/memory.ts';
import type { Store } from '../content/store/store.ts';
import { createBlobSharing } from './blob-sharing.ts';

const describeText = (text: string) => describeBytes('application/octet-stream', Buffer.from(text));
const blob = describeText('a layer');
const { digest } = blob;
const staging = parseLocation('staging.example/acme/staging');
const [a, b, elsewhere] = ['one.example/acme/a', 'one.example/acme/b', 'two.example/acme/b'].map(parseLocation) as [
  ReturnType<typeof parseLocation>,
  ReturnType<typeof parseLocation>,
  ReturnType<typeof parseLocation>,
];

describe('a blob is mounted from', () => {
  test('staging, where it is on the same registry', ({ expect }) => {
    const sharing = createBlobSharing();
    sharing.note('written', digest, a);
    expect(sharing.mountFrom(blob, parseLocation('one.example/acme/staging'), b)).toEqual(['acme/staging']);
  });

  test('the first repository of the registry that was seen to hold it', ({ expect }) => {
    const sharing = createBlobSharing();
    expect(sharing.mountFrom(blob, staging, b)).toEqual([]);
    sharing.note('skipped', digest, a);
    expect(sharing.mountFrom(blob, staging, b)).toEqual(['acme/a']);
    expect(sharing.mountFrom(blob, staging, a)).toEqual([]);
    expect(sharing.mountFrom(blob, staging, elsewhere)).toEqual([]);
  });

  test('none, once the registry refused three times and never took one', ({ expect }) => {
    const sharing = createBlobSharing();
    sharing.note('written', digest, a);
    for (const _ of [1, 2, 3]) {
      expect(sharing.mountFrom(blob, staging, b)).toEqual(['acme/a']);
      sharing.note('written', digest, b);
    }
    expect(sharing.mountFrom(blob, staging, b)).toEqual([]);
  });

  test('another still, where it took one', ({ expect }) => {
    const sharing = createBlobSharing();
    sharing.note('written', digest, a);
    sharing.note('mounted', digest, b);
    for (const _ of [1, 2, 3, 4]) sharing.note('written', digest, b);
    expect(sharing.mountFrom(blob, staging, b)).toEqual(['acme/a']);
  });
});

describe('writes of one blob', () => {
  /** A store whose writes wait for the test's word; `begun` are those that began. */
  function heldStore() {
    const begun: (() => void)[] = [];
    const write: Store['write'] = () => new Promise((resolve) => begun.push(resolve));
    return { begun, store: { ...memoryStore(), write } };
  }
  const none = async function* (): AsyncIterable<Uint8Array> {};

  test('go one after another, those of another at once', async ({ expect }) => {
    const { begun, store } = heldStore();
    const sharing = createBlobSharing();
    const [one, two] = [sharing.inTurns(store, [a]), sharing.inTurns(store, [b])];
    const other = describeText('another layer');
    const first = one.write(blob, none());
    const second = two.write(blob, none());
    const third = two.write(other, none());
    await expect.poll(() => begun.length).toBe(2);
    begun[0]?.();
    await first;
    await expect.poll(() => begun.length).toBe(3);
    for (const end of begun) end();
    await Promise.all([second, third]);
  });

  test('go at once where nothing can be mounted', async ({ expect }) => {
    const { begun, store } = heldStore();
    const sharing = createBlobSharing();
    const layout = sharing.inTurns(store, [parseLocation('oci:/out')]);
    const writes = [layout.write(blob, none()), layout.write(blob, none())];
    await expect.poll(() => begun.length).toBe(2);
    for (const end of begun) end();
    await Promise.all(writes);
  });

  test('go on after one that failed', async ({ expect }) => {
    const sharing = createBlobSharing();
    const failing = {
      ...memoryStore(),
      write: (async () => await Promise.reject(new Error('down'))) as Store['write'],
    };
    const { begun, store } = heldStore();
    const first = sharing.inTurns(failing, [a]).write(blob, none());
    const second = sharing.inTurns(store, [a]).write(blob, none());
    await expect(first).rejects.toThrow('down');
    await expect.poll(() => begun.length).toBe(1);
    begun[0]?.();
    await second;
  });
});
