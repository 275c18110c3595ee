// The bundled ledger against a real registry: one read in place of many, and never another plan than without it.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import type { Store } from '../../src/content/store/store.ts';
import { addToBundle, readBundle } from '../../src/ledger/bundle.ts';
import { contentOf, type LegRecord } from '../../src/ledger/leg-record.ts';
import { findRecord } from '../../src/ledger/staging.ts';
import { desiredTarget } from '../../src/plan/desired.ts';
import { makePlan } from '../../src/plan/plan.ts';
import type { Plan } from '../../src/plan/planned.ts';
import { publishTarget } from '../../src/publish/reconcile.ts';
import { publishPlan } from '../../src/run/publish.ts';
import type { KeyedLeg } from '../../src/source/inputs/leg-inputs.ts';
import { bundleTag, keyTag } from '../../src/source/project/names.ts';
import { familyYaml, testFamily } from '../support/family.ts';
import { keyedLeg } from '../support/keyed-leg.ts';
import { impatientStores, stageLeg } from '../support/publication.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

const platform = 'linux/amd64';
const count = 10;

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(async () => {
  await registry?.[Symbol.asyncDispose]();
});

interface Rig {
  readonly staging: Store;
  readonly keyed: readonly KeyedLeg[];
  readonly records: readonly LegRecord[];
  /** Plans; with `alone` as if there were no bundle. */
  plan(alone?: boolean): Promise<Plan>;
  publish(place: number): Promise<void>;
}

const stores = impatientStores(nodeHost());

/** Ten targets of a leg each in one staging, all built, none published. */
async function rigOf(name: string): Promise<Rig> {
  const location = parseLocation(`${registry.host}/${name}-staging`);
  const staging = await stores.open(location);
  const records: LegRecord[] = [];
  for (let place = 0; place < count; place++) records.push(await stageLeg(staging, `${name} ${place}`, platform));
  const keyed = records.map(({ key }, place): KeyedLeg => {
    const target = { name: `app-${place}`, staging: location, platforms: [parsePlatform(platform)] };
    const leg = keyedLeg({ target: { ...target, destinations: destinationOf(name, place) } });
    return { ...leg, key };
  });
  const targets = keyed.map(({ leg }) => leg.target);
  const tags = new Map(targets.map((target) => [target.name, ['latest']]));
  return {
    staging,
    keyed,
    records,
    plan: async (alone = false) => {
      const open = async (where: Parameters<typeof stores.open>[0]) => {
        const store = await stores.open(where);
        // Of a layout, or of few keys, no bundle is read: here its tag is hidden.
        return alone ? { ...withoutBundle(store) } : store;
      };
      return await makePlan({ targets, keyed, unkeyed: [], tags, open });
    },
    publish: async (place) => {
      const [target, record] = [targets[place], records[place]];
      if (target === undefined || record === undefined) throw new Error('no such target');
      await publishTarget(desiredTarget(target, [record], ['latest']), (where) => stores.open(where));
    },
  };
}

function destinationOf(name: string, place: number) {
  return [{ location: parseLocation(`${registry.host}/${name}-out/app-${place}`), required: true }];
}

function withoutBundle(store: Store): Store {
  return {
    has: (content, cancel) => store.has(content, cancel),
    read: (content, cancel) => store.read(content, cancel),
    resolve: async (tag, cancel) => (tag === bundleTag ? undefined : await store.resolve(tag, cancel)),
    write: (content, bytes, cancel) => store.write(content, bytes, cancel),
    tag: (content, tag, cancel) => store.tag(content, tag, cancel),
  };
}

/** What a plan does: each leg's action and content, each target's action and changes. */
function deedsOf({ legs, targets }: Plan) {
  return {
    legs: legs.map((leg) => [
      leg.keyed.leg.name,
      leg.action,
      leg.action === 'reuse' ? contentOf(leg.record).map(({ digest }) => digest) : [],
    ]),
    targets: targets.map(({ target, action, destinations }) => [
      target.name,
      action,
      destinations.flatMap(({ changes }) => changes),
    ]),
  };
}

/** Takes a key's record away, as a clean-up does. */
async function forget(name: string, record: LegRecord): Promise<void> {
  const response = await fetch(`http://${registry.host}/v2/${name}-staging/manifests/${keyTag(record.key)}`, {
    headers: { accept: 'application/vnd.oci.image.index.v1+json' },
  });
  const digest = response.headers.get('docker-content-digest');
  await fetch(`http://${registry.host}/v2/${name}-staging/manifests/${digest}`, { method: 'DELETE' });
}

describe('a bundle that is', () => {
  test.for<{ name: string; prepare: (rig: Rig, name: string) => Promise<void> }>([
    { name: 'missing', prepare: async () => undefined },
    { name: 'right', prepare: async ({ staging, records }) => void (await addToBundle(staging, records)) },
    {
      name: 'half',
      prepare: async ({ staging, records }) => void (await addToBundle(staging, records.slice(0, 5))),
    },
    {
      name: 'stale: a record is gone from staging',
      prepare: async ({ staging, records }, name) => {
        await addToBundle(staging, records);
        for (const record of records.slice(2, 4)) await forget(name, record);
      },
    },
    {
      name: 'stale: a key has another record',
      prepare: async ({ staging, records }) => {
        const [first, second] = records;
        if (first === undefined || second === undefined) throw new Error('no records');
        await addToBundle(staging, [{ ...first, manifest: second.manifest }, ...records.slice(1)]);
      },
    },
    {
      name: 'hostile: it names content that is nowhere',
      prepare: async ({ staging, records }) => {
        const nowhere = `sha256:${'00'.repeat(32)}` as LegRecord['pushed'];
        await addToBundle(
          staging,
          records.map((record) => ({ ...record, manifest: { ...record.manifest, digest: nowhere } })),
        );
      },
    },
    {
      name: 'another thing altogether',
      prepare: async ({ staging }) => {
        const found = await staging.resolve(keyTag((await anyRecord(staging)).key));
        if (found !== undefined) await staging.tag(found, bundleTag);
      },
    },
  ])('$name gives the plan that there is without it', async ({ name, prepare }, { expect }) => {
    const slug = name.replaceAll(/[^a-z]+/g, '-');
    const rig = await rigOf(slug);
    recordsOf.set(rig.staging, rig.records);
    await prepare(rig, slug);
    // Some are published, some are not: both ways through the plan.
    for (const place of [1, 5, 6]) await rig.publish(place);
    expect(deedsOf(await rig.plan())).toEqual(deedsOf(await rig.plan(true)));
  });

  test('stale where the destinations hold all that they should: nothing is done, for nothing is wrong', async ({
    expect,
  }) => {
    const rig = await rigOf('settled');
    await addToBundle(rig.staging, rig.records);
    for (let place = 0; place < count; place++) await rig.publish(place);
    const [gone] = rig.records;
    if (gone === undefined) throw new Error('no records');
    await forget('settled', gone);
    const plan = await rig.plan();
    expect(plan.targets.every(({ action }) => action === 'nothing')).toBe(true);
    // Whoever acts on it finds out: a leg that is asked for alone has no target that is settled.
    const legs = await makePlan({
      targets: [],
      keyed: rig.keyed,
      unkeyed: [],
      tags: new Map(),
      open: (where) => stores.open(where),
    });
    expect(legs.legs[0]?.action).toBe('build');
  });
});

const recordsOf = new Map<Store, readonly LegRecord[]>();

async function anyRecord(staging: Store): Promise<LegRecord> {
  const [record] = recordsOf.get(staging) ?? [];
  if (record === undefined) throw new Error('no records');
  return record;
}

describe('a publication', () => {
  test('writes it, with what it lacked, and says nothing where it cannot', async ({ expect }) => {
    const rig = await rigOf('kept');
    const plan = await rig.plan();
    const broken: Store = {
      ...withoutBundle(rig.staging),
      tag: async () => {
        throw new Error('read only');
      },
    };
    const isStaging = ({ kind, ...where }: { readonly kind: string; readonly repository?: string }): boolean =>
      kind === 'registry' && where.repository === 'kept-staging';
    const outcome = await publishPlan(
      plan,
      { open: async (where) => (isStaging(where) ? broken : await stores.open(where)), on: () => undefined },
      {},
    );
    expect([...outcome.targets.values()].every(({ kind }) => kind === 'published')).toBe(true);
    expect((await readBundle(rig.staging)).size).toBe(0);
    await publishPlan(await rig.plan(), { open: (where) => stores.open(where), on: () => undefined }, {});
    expect([...(await readBundle(rig.staging)).keys()].sort()).toEqual(rig.records.map(({ key }) => key).sort());
    for (const record of rig.records)
      expect((await readBundle(rig.staging)).get(record.key)).toEqual(await findRecord(rig.staging, record.key));
  });

  test('leaves a plan that asks staging twice for any number of legs', async ({ expect }) => {
    const names = Array.from({ length: 12 }, (_, place) => `app-${String(place).padStart(2, '0')}`);
    const files = names.flatMap((name) => [
      [`${name}/Dockerfile`, 'FROM scratch\nCOPY file /file\n'] as const,
      [`${name}/file`, name] as const,
    ]);
    const yaml = familyYaml(
      [`${registry.host}/whole`],
      Object.fromEntries(names.map((name) => [name, ''])),
      `staging: ${registry.host}/whole/stage\n`,
    );
    using family = await testFamily({ 'fanfold.yaml': yaml, ...Object.fromEntries(files) });
    const built = await family.fanfold('run');
    expect(built).toMatchObject({ status: 0 });
    const before = (await registry.requests()).length;
    const plan = await family.fanfold('plan');
    expect(plan).toMatchObject({ status: 0, stdout: expect.stringContaining('nothing to do') });
    const asked = (await registry.requests()).slice(before).filter(({ path }) => path.startsWith('/v2/whole/stage/'));
    expect(asked.map(({ method, path }) => `${method} ${path.replace(/sha256:[0-9a-f]+/, '<digest>')}`)).toEqual([
      `GET /v2/whole/stage/manifests/${bundleTag}`,
      'GET /v2/whole/stage/blobs/<digest>',
    ]);
  });
});
