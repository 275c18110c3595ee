import { describe, test } from 'vitest';
import { describe as describeBytes } from '../content/oci/descriptor.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { memoryStore } from '../content/store/memory.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { failureTag } from '../source/project/names.ts';
import { failureNoteType, findFailures, noteFailure } from './failure-note.ts';

const key = 'ab'.repeat(32) as Key;
const other = 'cd'.repeat(32) as Key;
const failure = {
  key,
  leg: 'app@linux/amd64',
  failedMs: 1_700_000_000_000,
  durationMs: 4200,
  run: 'run 7',
  revision: 'abc',
};

describe('a failure', () => {
  test('is noted, counted on, and found by its key alone', async ({ expect }) => {
    const staging = memoryStore();
    expect(await noteFailure(staging, failure)).toEqual({ ...failure, count: 1 });
    await noteFailure(staging, { ...failure, failedMs: failure.failedMs + 1, run: 'run 8' });
    const found = await findFailures(staging, [other, key, key]);
    expect([...found]).toEqual([[key, { ...failure, failedMs: failure.failedMs + 1, run: 'run 8', count: 2 }]]);
  });
});

const prefix = 'io.fanfold.failure.';
const right = { [`${prefix}key`]: key, [`${prefix}count`]: '2', [`${prefix}failed-ms`]: '1' };

describe('what is no note is as if it were not there', () => {
  test.for<{ name: string; type?: string; bytes?: string; annotations?: object; found: number }>([
    { name: 'a note with all that is needed is one', annotations: right, found: 1 },
    { name: 'of another key', annotations: { ...right, [`${prefix}key`]: other }, found: 0 },
    { name: 'of another type', type: 'application/vnd.example', annotations: right, found: 0 },
    { name: 'without annotations', found: 0 },
    { name: 'with a count that is no number', annotations: { ...right, [`${prefix}count`]: '-1' }, found: 0 },
    { name: 'with a time past all dates', annotations: { ...right, [`${prefix}failed-ms`]: '9'.repeat(20) }, found: 0 },
    { name: 'with an annotation that is no text', annotations: { ...right, [`${prefix}run`]: 7 }, found: 0 },
    { name: 'that is no JSON', bytes: '{', found: 0 },
  ])('$name', async ({ type = failureNoteType, bytes, annotations, found }, { expect }) => {
    const body = { schemaVersion: 2, mediaType: ociTypes.index, artifactType: type, manifests: [], annotations };
    const written = Buffer.from(bytes ?? JSON.stringify(body));
    const content = describeBytes(ociTypes.index, written);
    const staging = {
      has: async () => true,
      resolve: async (name: string) => (name === failureTag(key) ? content : undefined),
      read: async function* () {
        yield written;
      },
    };
    expect((await findFailures(staging, [key])).size).toBe(found);
  });

  test('nor is one in a staging that does not answer; but a stop is a stop', async ({ expect }) => {
    const dead = {
      ...memoryStore(),
      resolve: async () => {
        throw new Error('it does not answer');
      },
    };
    expect((await findFailures(dead, [key])).size).toBe(0);
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(findFailures(dead, [key], { signal: stopped })).rejects.toThrow('stopped');
  });
});
