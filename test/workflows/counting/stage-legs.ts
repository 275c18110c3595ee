// Every leg of a family into its staging, as if a job had built it: small content under the key that the run's plan and publication come to.
import { nodeHost } from '../../../src/base/host/host.ts';
import type { Descriptor } from '../../../src/content/oci/descriptor.ts';
import { parseDigest } from '../../../src/content/oci/digest.ts';
import { writeBytes } from '../../../src/content/store/copy.ts';
import { openStores } from '../../../src/content/store/open.ts';
import { createPool } from '../../../src/content/store/pool.ts';
import type { Store } from '../../../src/content/store/store.ts';
import { writeRecord } from '../../../src/ledger/staging.ts';
import { offline } from '../../../src/plan/since.ts';
import { keyLegs } from '../../../src/source/inputs/key-legs.ts';
import type { KeyedLeg } from '../../../src/source/inputs/leg-inputs.ts';
import { parseMoment } from '../../../src/source/inputs/moment.ts';
import { loadFamily } from '../../../src/source/project/load.ts';
import { blobsOf, descriptorOf, randomImage } from '../../support/random-image.ts';

/** Stages all legs of the family in `root`, keyed as of a moment's text. */
export async function stageLegs(root: string, moment: string): Promise<void> {
  const host = nodeHost();
  try {
    const { family } = await loadFamily(root, host);
    if (family === undefined) throw new Error(`the family in ${root} cannot be read`);
    const { keyed } = await keyLegs(family, { tree: 'head', moment: parseMoment(moment), ...offline }, host);
    const stores = openStores(host);
    const place = createPool(8);
    await Promise.all(keyed.map((leg) => place(async () => stageLeg(await stores.open(leg.leg.target.staging), leg))));
  } finally {
    await host.http.close();
  }
}

async function stageLeg(staging: Store, { leg, key }: KeyedLeg): Promise<void> {
  const image = randomImage(key, { platform: leg.platform, layers: 1 });
  for (const blob of blobsOf(image)) await writeBytes(staging, blob.mediaType, blob.bytes);
  const manifest = descriptorOf(image.manifest) as Descriptor;
  await writeRecord(staging, {
    ...{ key, leg: leg.name, attestations: [], builder: 'test 1', durationMs: 1, revision: '', run: '', builtMs: 0 },
    manifest: { ...manifest, platform: leg.platform },
    pushed: parseDigest(manifest.digest),
  });
}
