import { describe } from 'vitest';
import { needs } from '../../../../test/support/peers.ts';
import { startRegistry } from '../../../../test/support/registry.ts';
import { nodeHost } from '../../../base/host/host.ts';
import { openStores } from '../open.ts';
import { testStore } from '../store.contract.ts';

describe.runIf(needs('docker-registry'))('a real registry', () => {
  testStore('a repository', async () => {
    const registry = await startRegistry();
    const host = nodeHost();
    const store = await openStores(host).open({ kind: 'registry', host: registry.host, repository: 'acme/contract' });
    return {
      store,
      [Symbol.asyncDispose]: async () => {
        await host.http.close();
        await registry.stop();
      },
    };
  });
});
