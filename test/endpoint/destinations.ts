// An endpoint before real registries: the first is required, as staging is.

import { systemClock } from '../../src/base/host/clock.ts';
import { type Host, nodeHost } from '../../src/base/host/host.ts';
import { type Endpoint, startEndpoint } from '../../src/content/endpoint/endpoint.ts';
import type { EndpointEvent } from '../../src/content/endpoint/events.ts';
import type { EndpointOptions } from '../../src/content/endpoint/options.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { type FanOut, fanOut } from '../../src/content/store/fan-out.ts';
import { openStores } from '../../src/content/store/open.ts';
import { type Client, clientOf } from './client.ts';

/** An endpoint before a fan-out over the repository `api` of each host. */
export interface Destinations extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly store: FanOut;
  readonly host: Host;
  readonly events: readonly EndpointEvent[];
}

/** Failures are tried again at once, so that a test does not wait. */
const budget = { maxTries: 3, maxWaitMs: 2000, backoff: { firstMs: 1, maxMs: 10 } };

/** Starts one. `lagMs` is how long a member that is not required may keep the others waiting. */
export async function startDestinations(
  [staging, ...others]: readonly string[],
  { lagMs = 60_000, ...options }: Partial<EndpointOptions> & { readonly lagMs?: number } = {},
): Promise<Destinations> {
  const host = nodeHost();
  const stores = openStores(host, { budget });
  const member = async (name: string | undefined, required: boolean) => ({
    name: `${name}`,
    store: await stores.open(parseLocation(`${name}/api`)),
    required,
  });
  const members = await Promise.all([member(staging, true), ...others.map((name) => member(name, false))]);
  const store = fanOut(members, { lagMs, clock: systemClock });
  const events: EndpointEvent[] = [];
  const on = (event: EndpointEvent): void => void events.push(event);
  const endpoint = await startEndpoint({ store, name: 'api', random: host.random, on, ...options });
  return {
    endpoint,
    client: clientOf(endpoint),
    store,
    host,
    events,
    async [Symbol.asyncDispose]() {
      await endpoint[Symbol.asyncDispose]();
      await host.http.close();
    },
  };
}

/** Every path that the registry was asked to write to, and how often. */
export function writesOf(
  requests: readonly { readonly method: string; readonly path: string }[],
): readonly { readonly method: string; readonly path: string }[] {
  return requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
}
