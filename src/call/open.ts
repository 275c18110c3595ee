/** The stores of one call: opened when they are asked for, with one transport for all. */
import { isAbsolute, resolve } from 'node:path';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Location } from '../content/oci/reference.ts';
import type { OpenedStore } from '../content/store/open.ts';

/** Opens a location; a layout's path is taken from the folder that the command was called in. */
export type OpenAll = (location: Location, cancel?: Cancel) => Promise<OpenedStore>;

/** The opener of one call. */
export async function openAll(host: Host): Promise<OpenAll> {
  const { openStores } = await import('../content/store/open.ts');
  const stores = openStores(host);
  return (location, cancel) => stores.open(absolute(location, host.cwd), cancel);
}

function absolute(location: Location, cwd: string): Location {
  if (location.kind === 'registry' || isAbsolute(location.path)) return location;
  return { ...location, path: resolve(cwd, location.path) };
}
