// Bundles the command once for all tests that run it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { bundleCommand } from '../../scripts/bundle.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The bundled command's path. */
    readonly cli: string;
  }
}

/** Vitest's global set-up: gives the command's path to `inject('cli')`, and what takes the bundle away again. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfold-cli-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const path = join(folder, 'dist', 'cli.js');
  // Tests that do not run the command go on without it; those that do fail, for it is not there.
  await bundleCommand(join(folder, 'dist')).catch((error: unknown) =>
    console.error('the command cannot be bundled:', error),
  );
  project.provide('cli', path);
  return () => rm(folder, { recursive: true, force: true });
}
