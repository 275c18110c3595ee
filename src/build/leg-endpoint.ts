/** The endpoint of one leg: in front of the request's store, for whatever program builds it. */
import { messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { type Endpoint, startEndpoint } from '../content/endpoint/endpoint.ts';
import type { BuildRequest } from './builder.ts';

/** The path of the leg's cache beside its own (`otherReference`). */
export const cacheRepository = 'cache';

/** Opens an endpoint that takes one image of the leg's platform and puts its attestations' subjects right. */
export function openLegEndpoint(request: BuildRequest, host: Pick<Host, 'random'>, cancel: Cancel): Promise<Endpoint> {
  const { store, subjects, on } = request;
  const { target, platform } = request.keyed.leg;
  return startEndpoint(
    {
      store,
      name: target.name,
      random: host.random,
      platform,
      subjects,
      other: (repository) => (repository === cacheRepository ? request.cache?.store : undefined),
      on: (event) => {
        if (event.kind === 'notice') on({ kind: 'notice', message: event.message });
        // What a cache lacks fails no leg: who uses it tells of it.
        if (event.kind === 'failed' && event.isOwn)
          on({ kind: 'notice', message: `the store failed a request: ${messageOf(event.error)}` });
      },
    },
    cancel,
  );
}

/**
 * What `work` gives. Where it fails because the endpoint refused a push, or the store did, that error says more than the program's:
 * it is thrown instead.
 */
export async function orRefusal<T>(endpoint: Endpoint, work: () => Promise<T>, cancel: Cancel): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await endpoint.finish(cancel);
    throw error;
  }
}
