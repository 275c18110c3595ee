import { join } from 'node:path';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../base/host/host.ts';
import { fanOut } from './fan-out.ts';
import { layoutStore } from './layout/layout.ts';
import { memoryStore } from './memory.ts';
import { testStore } from './store.contract.ts';

testStore('a fan-out over memory and a layout', async () => {
  const folder = temporaryFolder('fan-out');
  const layout = layoutStore({ kind: 'layout', path: join(folder.path, 'layout') }, nodeHost());
  const store = fanOut([
    { name: 'memory', store: memoryStore(), required: true },
    { name: 'layout', store: layout, required: false },
  ]);
  return { store, [Symbol.asyncDispose]: async () => folder[Symbol.dispose]() };
});
