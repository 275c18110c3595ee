// A folder of a test's own under /tmp, which every peer sees under the same path.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** A folder that is removed with what is in it when it goes out of scope (`using`). */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** Makes an empty folder. Its name begins with `fanfold-` and the given word. */
export function temporaryFolder(word = 'test'): TemporaryFolder {
  const path = mkdtempSync(join('/tmp', `fanfold-${word}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
