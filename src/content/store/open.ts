/** A location to its store, with what the stores of one run share: tokens, budgets, what a registry was found to do. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { formatLocation, type Location } from '../oci/reference.ts';
import { layoutStore } from './layout/layout.ts';
import type { Budget } from './registry/gate.ts';
import { type HostOptions, registryHost } from './registry/hosts.ts';
import { repositoryStore } from './registry/repository.ts';
import { createTransport, type Transport } from './registry/transport.ts';
import type { Existence, Mounts, Referrers, Sizes, Store, Tags, Uploads } from './store.ts';

/** What every location can do. */
export type OpenedStore = Store &
  Uploads &
  Mounts &
  Referrers &
  Sizes &
  Tags &
  Existence & { readonly location: Location };

/** Opens locations. */
export interface Stores {
  /** The store at a location; the same one for the same location. A layout's path is absolute; nothing is read or made yet. */
  open(location: Location, cancel?: Cancel): Promise<OpenedStore>;
}

/** How registries are reached, and how patiently. */
export interface StoresOptions extends HostOptions {
  readonly budget?: Budget;
}

/** What opening takes of the host. */
export type StoresHost = Pick<Host, 'clock' | 'env' | 'exec' | 'files' | 'http' | 'random' | 'secrets'>;

/** One way to each registry for all that is opened through it. */
export function openStores(host: StoresHost, options: StoresOptions = {}): Stores {
  const transports = new Map<string, Transport>();
  const opened = new Map<string, OpenedStore>();
  const transportTo = (name: string): Transport => {
    const known = transports.get(name) ?? createTransport(registryHost(name, options), host, options.budget);
    transports.set(name, known);
    return known;
  };
  const make = (location: Location): OpenedStore =>
    location.kind === 'layout' ? layoutStore(location, host) : repositoryStore(location, transportTo(location.host));
  return {
    async open(location) {
      const name = formatLocation(location);
      const known = opened.get(name) ?? make(location);
      opened.set(name, known);
      return known;
    },
  };
}
