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
  project.provide('cli', await bundleCommand(join(folder, 'dist')));
  return () => rm(folder, { recursive: true, force: true });
}
