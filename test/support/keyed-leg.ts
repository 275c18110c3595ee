// A leg with its inputs, made by hand: what a builder's test gives to the builder.

import { parsePlatform } from '../../src/content/oci/platform.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import type { Key, KeyedLeg, LegInputs } from '../../src/source/inputs/leg-inputs.ts';
import type { Target } from '../../src/source/project/model.ts';
import { memoryTree } from './memory-tree.ts';

/** What differs from a plain leg: `FROM scratch` for linux/amd64, without attestations. */
export interface LegDifferences {
  readonly dockerfile?: string;
  readonly platform?: string;
  readonly target?: Partial<Target>;
  readonly inputs?: Partial<LegInputs>;
  readonly destinations?: readonly string[];
}

/** A keyed leg of the target `app`. The key is not computed: builders do not read it. */
export function keyedLeg(differences: LegDifferences = {}): KeyedLeg {
  const platform = parsePlatform(differences.platform ?? 'linux/amd64');
  const destinations = (differences.destinations ?? ['registry.example/app']).map((text) => ({
    location: parseLocation(text),
    required: true,
  }));
  const target: Target = {
    name: 'app',
    place: {},
    context: '',
    dockerfile: 'Dockerfile',
    args: {},
    contexts: {},
    platforms: [platform],
    labels: {},
    annotations: {},
    secret: [],
    ssh: [],
    network: 'none',
    cacheFrom: [],
    cacheTo: [],
    destinations,
    staging: parseLocation('registry.example/app-staging'),
    tags: { rules: [], flavor: { latest: 'auto', prefix: '', prefixLatest: false, suffix: '', suffixLatest: false } },
    attestations: { provenance: false, sbom: false },
    bases: 'resolve',
    volatile: [],
    generated: [],
    ...differences.target,
  };
  return {
    leg: { name: `${target.name}@${differences.platform ?? 'linux/amd64'}`, target, platform },
    key: '0'.repeat(64) as Key,
    document: '{}',
    inputs: {
      dockerfile: { path: target.dockerfile, text: differences.dockerfile ?? 'FROM scratch\n' },
      context: memoryTree({}),
      folders: new Map(),
      bases: [],
      buildsOn: [],
      args: target.args,
      undecided: [],
      moving: [],
      dirty: false,
      ...differences.inputs,
    },
  };
}
