/** The family of the merge benchmark: many small targets of two legs, each in a repository of its own. */
import { formatPlatform, parsePlatform } from '../src/content/oci/platform.ts';
import { type Location, parseLocation } from '../src/content/oci/reference.ts';
import type { KeyedLeg } from '../src/source/inputs/leg-inputs.ts';
import { keyedLeg } from '../test/support/keyed-leg.ts';
import { keyOf } from '../test/support/publication.ts';

/** How many targets it has. */
export const targetCount = 386;

/** The platforms of every target. */
export const platforms = ['linux/amd64', 'linux/arm64'] as const;

/** One target: where it is built, where it goes, its two legs under their keys. */
export interface FamilyTarget {
  readonly name: string;
  /** From this the bytes of its legs are made, as `stageLeg` does. */
  readonly seed: string;
  readonly staging: Location;
  readonly destinations: readonly Location[];
  readonly legs: readonly KeyedLeg[];
}

/** The family with staging on the first host and destinations on all; `round` stands in every index, so that each is a new one. */
export function familyOf(hosts: readonly string[], round: number): readonly FamilyTarget[] {
  const staging = parseLocation(`${hosts[0]}/bench/staging`);
  return Array.from({ length: targetCount }, (_, place) => {
    const name = `tool-${place}`;
    const destinations = hosts.map((host) => parseLocation(`${host}/bench/${name}`));
    const target = {
      name,
      staging,
      destinations: destinations.map((location) => ({ location, required: true })),
      platforms: platforms.map(parsePlatform),
      annotations: { 'index:bench.round': String(round) },
    };
    const legs = platforms.map((platform) => ({
      ...keyedLeg({ platform, target }),
      key: keyOf(`${name} ${formatPlatform(parsePlatform(platform))}`),
    }));
    return { name, seed: name, staging, destinations, legs };
  });
}
