// Built legs in staging and the target that they make: what a publication's test begins with.

import { type Host, nodeHost } from '../../src/base/host/host.ts';
import type { Descriptor } from '../../src/content/oci/descriptor.ts';
import { parseDigest } from '../../src/content/oci/digest.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { type Location, parseLocation } from '../../src/content/oci/reference.ts';
import { writeBytes } from '../../src/content/store/copy.ts';
import { openStores, type Stores } from '../../src/content/store/open.ts';
import type { Store } from '../../src/content/store/store.ts';
import type { LegRecord } from '../../src/ledger/leg-record.ts';
import { writeRecord } from '../../src/ledger/staging.ts';
import { type DesiredTarget, desiredTarget } from '../../src/plan/desired.ts';
import type { Key } from '../../src/source/inputs/leg-inputs.ts';
import { keyedLeg } from './keyed-leg.ts';
import { blobOf, blobsOf, descriptorOf, randomImage } from './random-image.ts';

/** Stores that give up at the first failure, so that a test does not wait. */
export function impatientStores(host: Host = nodeHost()): Stores {
  return openStores(host, { budget: { maxTries: 1, maxWaitMs: 0, backoff: { firstMs: 1, maxMs: 1 } } });
}

/** A key made of a seed. */
export function keyOf(seed: string): Key {
  return blobOf(Buffer.from(seed)).digest.slice('sha256:'.length) as Key;
}

/** Writes an image of a seed into staging, with its record. */
export async function stageLeg(staging: Store, seed: string, platform: string): Promise<LegRecord> {
  const image = randomImage(`${seed} ${platform}`, { platform: parsePlatform(platform), layers: 2 });
  for (const blob of blobsOf(image)) await writeBytes(staging, blob.mediaType, blob.bytes);
  const manifest = descriptorOf(image.manifest) as Descriptor;
  const record: LegRecord = {
    key: keyOf(`${seed} ${platform}`),
    leg: `app@${platform}`,
    manifest: { ...manifest, platform: parsePlatform(platform) },
    attestations: [],
    builder: 'test 1',
    pushed: parseDigest(manifest.digest),
    durationMs: 1,
    revision: '',
    run: '',
    builtMs: 0,
  };
  return await writeRecord(staging, record);
}

/** What differs from a target `app` of two platforms under the tag `latest`. */
export interface PublicationDifferences {
  readonly seed?: string;
  readonly name?: string;
  readonly platforms?: readonly string[];
  readonly tags?: readonly string[];
  readonly optional?: readonly string[];
}

/** A target whose legs staging holds, to be published to `destinations` (and to those that are not required). */
export async function stagedTarget(
  stores: Stores,
  staging: string,
  destinations: readonly string[],
  differences: PublicationDifferences = {},
): Promise<DesiredTarget> {
  const {
    seed = 'v1',
    name = 'app',
    platforms = ['linux/amd64', 'linux/arm64'],
    tags = ['latest'],
    optional = [],
  } = differences;
  const store = await stores.open(parseLocation(staging));
  const records = [];
  for (const platform of platforms) records.push(await stageLeg(store, `${name} ${seed}`, platform));
  const { target } = keyedLeg({
    target: {
      name,
      platforms: records.map(({ manifest }) => manifest.platform),
      staging: parseLocation(staging),
      destinations: [
        ...destinations.map((location) => ({ location: parseLocation(location), required: true })),
        ...optional.map((location) => ({ location: parseLocation(location), required: false })),
      ],
    },
  }).leg;
  return desiredTarget(target, records, tags);
}

/** Opens a location of a target's. */
export function openWith(stores: Stores): (location: Location) => ReturnType<Stores['open']> {
  return (location) => stores.open(location);
}
