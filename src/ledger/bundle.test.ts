import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { type Descriptor, describe as describeBytes } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { parsePlatform } from '../content/oci/platform.ts';
import { memoryStore } from '../content/store/memory.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { bundleTag } from '../source/project/names.ts';
import { addToBundle, bundleType, readBundle } from './bundle.ts';
import { type LegRecord, serializeLegRecord } from './leg-record.ts';

function recordOf(seed: number, differences: Partial<LegRecord> = {}): LegRecord {
  const { digest, size } = describeBytes('text/plain', Buffer.from(`manifest ${seed}`));
  return {
    key: describeBytes('text/plain', Buffer.from(`key ${seed}`)).digest.slice('sha256:'.length) as Key,
    leg: `app-${seed}@linux/amd64`,
    manifest: { mediaType: ociTypes.manifest, digest, size, platform: parsePlatform('linux/amd64') },
    attestations: [],
    builder: 'direct 1',
    pushed: digest,
    durationMs: seed,
    revision: '',
    run: 'run',
    builtMs: seed,
    ...differences,
  };
}

const records = Array.from({ length: 12 }, (_, seed) => recordOf(seed));
const byKey = (list: readonly LegRecord[]) => new Map(list.map((record) => [record.key, record]));

describe('a bundle', () => {
  test('holds what was added, is written only for what it lacks, and keeps what others added', async ({ expect }) => {
    const staging = memoryStore();
    expect(await readBundle(staging)).toEqual(new Map());
    expect(await addToBundle(staging, records.slice(0, 8))).toBe(true);
    expect(await addToBundle(staging, records.slice(2, 6))).toBe(false);
    expect(await addToBundle(staging, records.slice(6))).toBe(true);
    expect(await readBundle(staging)).toEqual(byKey(records));
  });

  test('takes a key’s new record over its old one', async ({ expect }) => {
    const staging = memoryStore();
    await addToBundle(staging, records);
    const anew = recordOf(3, { run: 'another run', builtMs: 99 });
    expect(await addToBundle(staging, [anew])).toBe(true);
    expect(await readBundle(staging)).toEqual(new Map([...byKey(records), [anew.key, anew]]));
  });

  test('of two writers at once lacks what one added, and holds it once that is added again', async ({ expect }) => {
    const staging = memoryStore();
    // Both read before either writes.
    let waiting = 2;
    let release = (): void => undefined;
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      ...staging,
      write: async (...args: Parameters<typeof staging.write>) => {
        if (--waiting === 0) release();
        await both;
        await staging.write(...args);
      },
    };
    await Promise.all([addToBundle(slow, records.slice(0, 6)), addToBundle(slow, records.slice(6))]);
    const kept = await readBundle(staging);
    for (const [key, record] of kept) expect(byKey(records).get(key)).toEqual(record);
    await addToBundle(staging, records);
    expect(await readBundle(staging)).toEqual(byKey(records));
  });

  test('has a bound: what is oldest goes first, what is added never', async ({ expect }) => {
    const staging = memoryStore();
    const many = Array.from({ length: 10_000 }, (_, seed) => recordOf(seed + 100));
    await addToBundle(staging, many);
    await addToBundle(staging, [recordOf(1)]);
    const kept = await readBundle(staging);
    expect(kept.size).toBe(10_000);
    expect(kept.has(recordOf(1).key)).toBe(true);
    expect(kept.has(recordOf(100).key)).toBe(false);
    expect(kept.has(recordOf(101).key)).toBe(true);
  });
});

const line = (record: LegRecord): string => Buffer.from(serializeLegRecord(record)).toString('utf8');
const [first, second] = [recordOf(0), recordOf(1)];

describe('of what is in staging', () => {
  test.for<{
    name: string;
    text?: string;
    bytes?: Uint8Array;
    type?: string;
    layerType?: string;
    holds: readonly LegRecord[];
  }>([
    { name: 'right lines are records', text: `${line(first)}\n${line(second)}`, holds: [first, second] },
    { name: 'a line that is torn is left out', text: `${line(first).slice(0, 300)}\n${line(second)}`, holds: [second] },
    { name: 'a line of another kind is left out', text: `{"a":1}\nnull\n[]\n\n${line(second)}`, holds: [second] },
    {
      name: 'of two lines of one key the first counts',
      text: `${line(first)}\n${line(recordOf(0, { run: 'x' }))}`,
      holds: [first],
    },
    { name: 'a key that is none is left out', text: line(first).replaceAll(first.key, 'k'.repeat(64)), holds: [] },
    { name: 'a key in upper case is left out', text: line(first).replaceAll(first.key, 'AB'.repeat(32)), holds: [] },
    { name: 'two images under one key are left out', text: twoImages(first, second), holds: [] },
    { name: 'another artifact is no bundle', text: line(first), type: 'application/vnd.example', holds: [] },
    { name: 'another layer is no bundle', text: line(first), layerType: 'text/plain', holds: [] },
    { name: 'a layer that is not compressed is none', bytes: Buffer.from(line(first)), holds: [] },
    { name: 'a layer that ends early is none', bytes: gzipSync(line(first)).subarray(0, 200), holds: [] },
    { name: 'a layer that grows past all bounds is none', bytes: gzipSync(Buffer.alloc(64 << 20)), holds: [] },
  ])('$name', async ({ text = '', bytes, type = bundleType, layerType, holds }, { expect }) => {
    const staging = await stagingWith(bytes ?? gzipSync(text), type, layerType);
    expect(await readBundle(staging)).toEqual(byKey(holds));
  });

  test('any damage of any byte leaves records that were there, or none', async ({ expect }) => {
    const whole = Buffer.from(`${line(first)}\n${line(second)}`);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (place, byte) => {
        const damaged = Buffer.from(whole);
        damaged[place] = byte;
        for (const key of (await readBundle(await stagingWith(gzipSync(damaged), bundleType))).keys())
          expect(key).toMatch(/^[0-9a-f]{64}$/);
      }),
      { numRuns: 200 },
    );
  });

  test('a staging that does not answer has none; but a stop is a stop', async ({ expect }) => {
    const dead = {
      ...memoryStore(),
      resolve: async () => {
        throw new Error('it does not answer');
      },
    };
    expect(await readBundle(dead)).toEqual(new Map());
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(readBundle(dead, { signal: stopped })).rejects.toThrow('stopped');
  });
});

function twoImages(record: LegRecord, other: LegRecord): string {
  const index = JSON.parse(line(record)) as { manifests: unknown[] };
  const more = JSON.parse(line(other)) as { manifests: unknown[] };
  return JSON.stringify({ ...index, manifests: [...index.manifests, ...more.manifests] });
}

/** A staging that serves one bundle and nothing else, whatever its bytes. */
async function stagingWith(bytes: Uint8Array, artifactType: string, layerType?: string) {
  const layer = describeBytes(layerType ?? 'application/vnd.fanfold.ledger.v1.lines+gzip', bytes);
  const empty = describeBytes(ociTypes.empty, Buffer.from('{}'));
  const body = { schemaVersion: 2, mediaType: ociTypes.manifest, artifactType, config: empty, layers: [layer] };
  const manifest = Buffer.from(JSON.stringify(body));
  const named = describeBytes(ociTypes.manifest, manifest);
  const content = new Map<Digest, Uint8Array>([
    [named.digest, manifest],
    [layer.digest, bytes],
  ]);
  return {
    has: async () => true,
    resolve: async (name: string): Promise<Descriptor | undefined> => (name === bundleTag ? named : undefined),
    read: async function* ({ digest }: Descriptor) {
      yield content.get(digest) ?? new Uint8Array();
    },
  };
}
