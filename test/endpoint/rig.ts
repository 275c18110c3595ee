// An endpoint before a memory store whose calls are written down and can be made to fail.

import { randomBytes } from 'node:crypto';
import type { Cancel } from '../../src/base/host/cancel.ts';
import { type Endpoint, startEndpoint } from '../../src/content/endpoint/endpoint.ts';
import type { EndpointEvent } from '../../src/content/endpoint/events.ts';
import type { EndpointOptions } from '../../src/content/endpoint/options.ts';
import type { Descriptor } from '../../src/content/oci/descriptor.ts';
import type { Digest } from '../../src/content/oci/digest.ts';
import { type MemoryStore, memoryStore } from '../../src/content/store/memory.ts';
import { type Client, clientOf } from './client.ts';

/** A call that a store was asked for, in the order in which they ended. */
export interface StoreCall {
  readonly call: 'write' | 'tag' | 'upload' | 'cancelled upload';
  readonly what: string;
}

/** A memory store that remembers what was written. */
export interface RecordingStore extends MemoryStore {
  readonly calls: readonly StoreCall[];
  /** From now on each of these calls throws, until it is told undefined. */
  failWith(error: Error | undefined): void;
}

/** An endpoint, its client and its store. */
export interface Rig extends AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly client: Client;
  readonly store: RecordingStore;
  readonly events: readonly EndpointEvent[];
}

/** What differs from an endpoint before a new store. */
export type RigOptions = Partial<Omit<EndpointOptions, 'store'>> & { readonly store?: RecordingStore };

/** Starts an endpoint; a leg's where the options do not say otherwise. */
export async function startRig(options: RigOptions = {}, cancel: Cancel = {}): Promise<Rig> {
  const store = options.store ?? recordingStore();
  const events: EndpointEvent[] = [];
  const own = { store, name: 'api', random: randomBytes, on: (event: EndpointEvent) => events.push(event) };
  const endpoint = await startEndpoint({ ...own, ...options }, cancel);
  return {
    endpoint,
    client: clientOf(endpoint),
    store,
    events,
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

/** A memory store whose writes are remembered. */
export function recordingStore(): RecordingStore {
  const inner = memoryStore(512 * 1024 * 1024);
  const calls: StoreCall[] = [];
  let failure: Error | undefined;
  const attempt = (): void => {
    if (failure !== undefined) throw failure;
  };
  return {
    ...inner,
    calls,
    failWith: (error) => {
      failure = error;
    },
    async write(content, bytes, cancel) {
      attempt();
      const isNew = !(await inner.has(content));
      await inner.write(content, bytes, cancel);
      if (isNew) calls.push({ call: 'write', what: content.digest });
    },
    async tag(content: Descriptor, name: string) {
      attempt();
      await inner.tag(content, name);
      calls.push({ call: 'tag', what: name });
    },
    async begin() {
      attempt();
      const upload = await inner.begin();
      return {
        append: (bytes) => {
          attempt();
          return upload.append(bytes);
        },
        async commit(digest: Digest) {
          attempt();
          const content = await upload.commit(digest);
          calls.push({ call: 'upload', what: digest });
          return content;
        },
        async cancel() {
          await upload.cancel();
          calls.push({ call: 'cancelled upload', what: '' });
        },
      };
    },
  };
}
