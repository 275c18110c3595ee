import { join } from 'node:path';
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../../base/host/host.ts';
import { testStore } from '../store.contract.ts';
import { layoutStore } from './layout.ts';

testStore('an OCI layout', async () => {
  const folder = temporaryFolder('layout');
  const store = layoutStore({ kind: 'layout', path: join(folder.path, 'new') }, nodeHost());
  return { store, [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() };
});
