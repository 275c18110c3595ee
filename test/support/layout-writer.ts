// A process that writes images into a layout and tags each: FOLDER NAME COUNT.

import { nodeHost } from '../../src/base/host/host.ts';
import { layoutStore } from '../../src/content/store/layout/layout.ts';
import { writeImage } from '../../src/content/store/store.contract.ts';

const [path = '', name = '', count = '1'] = process.argv.slice(2);
const store = layoutStore({ kind: 'layout', path }, nodeHost());
await Promise.all(
  Array.from({ length: Number(count) }, async (_, place) => {
    const image = await writeImage(store, `${name} ${place}`);
    await store.tag(image, `${name}-${place}`);
  }),
);
