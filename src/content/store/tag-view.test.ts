import { describe, expect, test } from 'vitest';
import { FanfoldError } from '../../base/errors/error.ts';
import { describe as describeBytes } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { makeIndex, serializeManifest } from '../oci/manifest.ts';
import { ociTypes } from '../oci/media-types.ts';
import { streamOf } from './bytes.ts';
import { readBytes } from './copy.ts';
import { memoryStore } from './memory.ts';
import { tagView } from './tag-view.ts';

const bytes = serializeManifest(makeIndex([]));
const content = describeBytes(ociTypes.index, bytes);
const blob = describeBytes('application/octet-stream', Buffer.from('a layer'));

describe('one tag of a store', () => {
  test('is seen, and every other is as if it were not there', async () => {
    const store = memoryStore();
    await store.write(content, streamOf(bytes));
    for (const tag of ['k1-other', 'x1-own']) await store.tag(content, tag);
    const view = tagView(store, { tag: 'x1-own', writes: true });
    expect(await view.resolve('x1-own')).toEqual(content);
    expect(await view.resolve(content.digest)).toEqual(content);
    expect(await view.resolve('k1-other')).toBeUndefined();
    await expect(view.tag(content, 'k1-other')).rejects.toMatchObject({ code: 'registry.denied' });
    expect(view.traffic().isTagged).toBe(false);
    await view.tag(content, 'x1-own');
    expect(view.traffic()).toMatchObject({ isTagged: true, readBytes: 0, writtenBytes: 0 });
  });

  test('takes nothing where it is only read', async () => {
    const store = memoryStore();
    const view = tagView(store, { tag: 'x1-own', writes: false });
    const denied = { code: 'registry.denied' };
    await expect(view.write(content, streamOf(bytes))).rejects.toMatchObject(denied);
    await expect(view.begin()).rejects.toMatchObject(denied);
    await expect(view.tag(content, 'x1-own')).rejects.toMatchObject(denied);
    expect(await store.has(content)).toBe(false);
  });

  test('counts what passes, and notes what is lacking', async () => {
    const view = tagView(memoryStore(), { tag: 'x1-own', writes: true });
    const lacking = digestOf('never pushed');
    expect(await view.sizeOf(lacking)).toBeUndefined();
    await view.write(content, streamOf(bytes));
    const upload = await view.begin();
    await upload.append(Buffer.from('a layer'));
    await upload.commit(blob.digest);
    await readBytes(view, blob, 100);
    expect(view.traffic()).toEqual({
      readBytes: 7,
      writtenBytes: bytes.length + 7,
      isTagged: false,
      lacking: new Set([lacking]),
    });
  });

  test('keeps the first thing that went wrong, on either side', async () => {
    const problem = new FanfoldError('registry.denied', 'no more room');
    const store = { ...memoryStore(), begin: () => Promise.reject(problem) };
    const view = tagView(store, { tag: 'x1-own', writes: true });
    await expect(view.begin()).rejects.toBe(problem);
    await expect(readBytes(view, blob, 100)).rejects.toMatchObject({ code: 'content.missing' });
    const { readProblem, writeProblem } = view.traffic();
    expect(writeProblem).toBe(problem);
    expect(readProblem).toMatchObject({ code: 'content.missing' });
  });
});
