/** The command as people install it: bundled, in a folder where no other build disturbs it. */
import { spawnSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../test/support/temporary-folder.ts';

/** A copy of the bundle, removed by `using`. */
export interface BundledCommand extends Disposable {
  /** The path of `cli.js`. */
  readonly path: string;
}

/** Bundles the command anew and keeps a copy. */
export function bundleCommand(): BundledCommand {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { status } = spawnSync('npx', ['--no-install', 'tsx', 'scripts/bundle.ts'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new Error('the command could not be bundled');
  const folder = temporaryFolder('bench-command');
  cpSync(join(root, 'dist'), folder.path, { recursive: true });
  return { path: join(folder.path, 'cli.js'), [Symbol.dispose]: () => folder[Symbol.dispose]() };
}
