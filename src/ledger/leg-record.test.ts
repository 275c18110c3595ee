import { describe, test } from 'vitest';
import { type Descriptor, describe as describeBytes } from '../content/oci/descriptor.ts';
import { parseManifest } from '../content/oci/manifest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { parsePlatform } from '../content/oci/platform.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { type LegRecord, parseLegRecord, serializeLegRecord } from './leg-record.ts';

const manifest: Descriptor = describeBytes(ociTypes.manifest, Buffer.from('manifest'));
const record: LegRecord = {
  key: 'a'.repeat(64) as Key,
  leg: 'app@linux/amd64',
  manifest: { ...manifest, platform: parsePlatform('linux/amd64') },
  attestations: [],
  builder: 'buildx 0.30',
  pushed: manifest.digest,
  durationMs: 12,
  peakDiskBytes: 3_200_000_000,
  revision: 'c'.repeat(40),
  run: 'https://example.org/run/1',
  builtMs: 5,
};
const { peakDiskBytes: _, ...unmeasured } = record;

const read = (one: LegRecord): LegRecord =>
  parseLegRecord(parseManifest(serializeLegRecord(one), ociTypes.index), one.key);

describe('a record', () => {
  test.for([
    { name: 'keeps all that it says', record },
    { name: 'says nothing of a disk that was not measured', record: unmeasured },
    {
      name: 'tells a disk that stayed as it was from one that was not measured',
      record: { ...record, peakDiskBytes: 0 },
    },
    {
      name: 'says what came from a cache, and how long it takes without',
      record: { ...record, steps: { count: 9, cached: 7 }, fullMs: 130_000 },
    },
    { name: 'says how large the image is', record: { ...record, sizeBytes: 7_000_000 } },
    { name: 'tells that nothing came from its cache', record: { ...record, steps: { count: 9, cached: 0 } } },
  ])('$name', ({ record }, { expect }) => expect(read(record)).toEqual(record));

  test('names the disk in bytes, for every tool that reads annotations', ({ expect }) => {
    const text = Buffer.from(serializeLegRecord(record)).toString('utf8');
    expect(text).toContain('"io.fanfold.leg.peak-disk-bytes":"3200000000"');
  });
});
