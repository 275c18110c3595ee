// A family described in a test, and its keys over a real repository and a real store.

import { nodeHost } from '../../src/base/host/host.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import type { Store } from '../../src/content/store/store.ts';
import { type KeyedFamily, type KeyOptions, keyLegs } from '../../src/source/inputs/key-legs.ts';
import type { KeyedLeg } from '../../src/source/inputs/leg-inputs.ts';
import type { Family, Target } from '../../src/source/project/model.ts';

/** What a test says of a target; the rest is plain. */
export type TargetSpec = Partial<Omit<Target, 'platforms'>> & { readonly platforms?: readonly string[] };

/** A family in a folder, with one target for each name. */
export function familyIn(root: string, targets: Readonly<Record<string, TargetSpec>>): Family {
  return {
    file: `${root}/fanfold.yaml`,
    root,
    targets: Object.entries(targets).map(([name, spec]) => targetOf(root, name, spec)),
  };
}

function targetOf(root: string, name: string, { platforms = ['linux/amd64'], ...spec }: TargetSpec): Target {
  return {
    name,
    place: { file: `${root}/fanfold.yaml`, line: 1, column: 1 },
    context: '',
    dockerfile: 'Dockerfile',
    args: {},
    contexts: {},
    platforms: platforms.map(parsePlatform),
    labels: {},
    annotations: {},
    secret: [],
    ssh: [],
    cacheFrom: [],
    cacheTo: [],
    destinations: [{ location: { kind: 'layout', path: `${root}/../out/${name}` }, required: true }],
    staging: { kind: 'layout', path: `${root}/../out/${name}-staging` },
    tags: {
      rules: [],
      flavor: { latest: 'auto', prefix: '', prefixLatest: false, suffix: '', suffixLatest: false },
    },
    attestations: { provenance: false, sbom: false },
    bases: 'resolve',
    volatile: [],
    generated: [],
    ...spec,
  };
}

/** Keys a family as committed, bases read from `store`, unless told otherwise. */
export function keyFamily(
  family: Family,
  options: Partial<KeyOptions> & { readonly store?: Store } = {},
): Promise<KeyedFamily> {
  const { store = memoryStore(), ...given } = options;
  return keyLegs(family, { tree: 'head', open: async () => store, ...given }, nodeHost());
}

/** The one leg of a family; what is wrong with it is thrown. */
export async function keyOne(
  family: Family,
  options: Partial<KeyOptions> & { readonly store?: Store } = {},
): Promise<KeyedLeg> {
  const { keyed, failed } = await keyFamily(family, options);
  if (failed[0] !== undefined) throw failed[0].error;
  const [leg] = keyed;
  if (leg === undefined) throw new Error('the family has no leg');
  return leg;
}
