/** Destinations behind one endpoint: what the command `tee` and the action's mode share. */
import type { Host } from '../base/host/host.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import { type FanOut, fanOut } from '../content/store/fan-out.ts';
import { subjectName } from '../run/leg.ts';
import { openAll } from './open.ts';

/** What an endpoint stands in front of: all destinations, each required, under the first one's own name. */
export async function openTee(
  locations: readonly [Location, ...Location[]],
  host: Host,
): Promise<{ readonly store: FanOut; readonly name: string }> {
  const open = await openAll(host);
  const members = await Promise.all(
    locations.map(async (location) => ({
      name: formatLocation(location),
      store: await open(location),
      required: true,
    })),
  );
  return { store: fanOut(members), name: subjectName(locations[0]).split('/').at(-1) ?? '' };
}
