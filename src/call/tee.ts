/** Destinations behind one endpoint: what the command `tee` and the action's mode share. */
import type { Host } from '../base/host/host.ts';
import type { TeeOptions } from '../content/endpoint/tee.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { subjectRepository } from '../content/oci/subject-name.ts';
import { fanOut } from '../content/store/fan-out.ts';
import { openAll } from './open.ts';

/**
 * What an endpoint stands in front of: all destinations, each required, under the first one's own name. With `subjects`, attestations are
 * to name every destination.
 */
export async function openTee(
  locations: readonly [Location, ...Location[]],
  host: Host,
  { subjects = false }: { readonly subjects?: boolean } = {},
): Promise<Pick<TeeOptions, 'store' | 'name' | 'subjects'>> {
  const open = await openAll(host);
  const members = await Promise.all(
    locations.map(async (location) => ({
      name: formatLocation(location),
      store: await open(location),
      required: true,
    })),
  );
  return {
    store: fanOut(members),
    name: subjectRepository(locations[0]).split('/').at(-1) ?? '',
    ...(subjects ? { subjects: locations.map(subjectRepository) } : {}),
  };
}
