/** The endpoint: a registry on loopback in front of a store. A builder pushes to it once; what it cannot see is where that goes. */
import { FanfoldError } from '../../base/errors/error.ts';
import { anyOf, type Cancel, throwIfCancelled } from '../../base/host/cancel.ts';
import { isStoreFailure } from './api-error.ts';
import { commitRoots } from './commit.ts';
import type { Committed } from './events.ts';
import { listen } from './listener.ts';
import type { EndpointOptions } from './options.ts';
import { createPaths, type Paths } from './paths.ts';
import type { Repository } from './repository.ts';
import { serveRoute } from './serve.ts';

/** An endpoint that serves. Disposing of it closes it and commits nothing more. */
export interface Endpoint extends AsyncDisposable {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The own path: 128 random bits in hexadecimal, and the name. Who does not know it gets nothing. */
  readonly repository: string;
  /** `host/repository`: where to push. */
  readonly reference: string;
  /**
   * Where a cache or the like is pushed to; its store is asked of `other`. Below a secret of its own: BuildKit writes down in a cache where its layers came from,
   * and who reads that must not come to know the own path.
   */
  otherReference(repository: string): string;
  /**
   * Closes the endpoint and commits what is still held and is a root; ends when the store has every graph whole. Gives all that was
   * committed, in order.
   * @throws FanfoldError `endpoint.platform` where a push was refused; else what the store threw, where nothing could be committed
   */
  finish(cancel?: Cancel): Promise<readonly Committed[]>;
}

const secretBytes = 16;

/**
 * Starts one. It ends with `cancel`, with `finish`, or when it is disposed of.
 * @throws FanfoldError `host.network` where no port can be opened
 */
export async function startEndpoint(options: EndpointOptions, cancel: Cancel = {}): Promise<Endpoint> {
  throwIfCancelled(cancel);
  const ending = new AbortController();
  const whole = anyOf(cancel, ending.signal);
  const failures: unknown[] = [];
  let paths: Paths | undefined;
  const listener = await listen(async (exchange, route) => {
    try {
      return await serveRoute(exchange, route, (name) => paths?.find(name));
    } catch (error) {
      if (isStoreFailure(error) && !exchange.cancel.signal?.aborted) {
        const isOwn = route !== undefined && 'repository' in route && route.repository === paths?.own.name;
        if (isOwn) failures[0] = error;
        options.on?.({ kind: 'failed', error, isOwn });
      }
      throw error;
    }
  });
  const [secret, otherSecret] = [newSecret(options), newSecret(options)];
  paths = createPaths(options, { secret, otherSecret, host: listener.host }, whole);
  const { own, close: closePaths } = paths;
  const close = async (): Promise<void> => {
    await closePaths();
    await listener.close();
  };
  const end = async (reason: unknown = new FanfoldError('host.cancelled', 'the endpoint was closed')) => {
    ending.abort(reason);
    await close();
  };
  cancel.signal?.addEventListener('abort', () => void end(cancel.signal?.reason), { signal: ending.signal });
  return {
    host: listener.host,
    repository: own.name,
    reference: own.policy.reference,
    otherReference: (repository) => `${listener.host}/${otherSecret}/${repository}`,
    async finish(finishing = {}) {
      await close();
      return await finishRepository(own, failures[0], anyOf(whole, finishing)).finally(() => end());
    },
    [Symbol.asyncDispose]: () => end(),
  };
}

function newSecret({ random }: EndpointOptions): string {
  return Buffer.from(random(secretBytes)).toString('hex');
}

async function finishRepository(own: Repository, failure: unknown, cancel: Cancel): Promise<readonly Committed[]> {
  throwIfCancelled(cancel);
  const [refusal] = own.refusals;
  if (refusal !== undefined) throw refusal;
  await commitRoots(own, cancel);
  if (own.committed.length === 0 && failure !== undefined) throw failure;
  return own.committed;
}
