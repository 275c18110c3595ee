import { test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { serializeManifest } from '../content/oci/manifest.ts';
import { ociTypes } from '../content/oci/media-types.ts';
import { parsePlatform } from '../content/oci/platform.ts';
import { writeBytes } from '../content/store/copy.ts';
import { memoryStore } from '../content/store/memory.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { lastBuildTag } from '../source/project/names.ts';
import { findLastBuild, noteLastBuild } from './last-build.ts';
import { type LegRecord, serializeLegRecord } from './leg-record.ts';

async function recordIn(
  staging: ReturnType<typeof memoryStore>,
  letter: string,
  peakDiskBytes: number,
): Promise<LegRecord> {
  const config = await writeBytes(staging, ociTypes.empty, Buffer.from('{}'));
  const image = {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    config,
    layers: [],
    annotations: { letter },
  } as const;
  const manifest = await writeBytes(staging, ociTypes.manifest, serializeManifest(image));
  const record: LegRecord = {
    key: letter.repeat(64) as Key,
    leg: 'app@linux/amd64',
    manifest: { ...manifest, platform: parsePlatform('linux/amd64') },
    attestations: [],
    builder: 'direct 1',
    pushed: manifest.digest,
    durationMs: 1,
    peakDiskBytes,
    revision: '',
    run: '',
    builtMs: 1,
  };
  await writeBytes(staging, ociTypes.index, serializeLegRecord(record));
  return record;
}

const { leg } = keyedLeg();

test('the last build of a leg is found by its name, whatever its key', async ({ expect }) => {
  const staging = memoryStore();
  expect(await findLastBuild(staging, leg)).toBeUndefined();
  const [first, second] = [await recordIn(staging, 'a', 100), await recordIn(staging, 'b', 200)];
  await noteLastBuild(staging, leg, first);
  expect(await findLastBuild(staging, leg)).toEqual(first);
  await noteLastBuild(staging, leg, second);
  expect(await findLastBuild(staging, leg)).toEqual(second);
});

test('of a leg of another family in the same staging is another', async ({ expect }) => {
  const staging = memoryStore();
  await noteLastBuild(staging, leg, await recordIn(staging, 'a', 100));
  expect(await findLastBuild(staging, keyedLeg({ destinations: ['registry.example/other'] }).leg)).toBeUndefined();
});

test('is none where something else stands there, and what cannot be noted is left', async ({ expect }) => {
  const staging = memoryStore();
  const odd = await writeBytes(staging, ociTypes.index, Buffer.from('{"schemaVersion":2,"manifests":[]}'));
  await staging.tag(odd, lastBuildTag(leg.name, 'registry.example/app'));
  expect(await findLastBuild(staging, leg)).toBeUndefined();
  const nowhere = memoryStore();
  const record = await recordIn(staging, 'c', 1);
  await noteLastBuild(nowhere, leg, record);
  expect(await nowhere.resolve(lastBuildTag(leg.name, 'registry.example/app'))).toBeUndefined();
});
