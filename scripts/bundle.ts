/** Bundles the command: cli.js and its chunks, one for each command, so that a call loads what it runs. `tsx scripts/bundle.ts [FOLDER]` */
import { chmod, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Writes the bundle into a folder in place of an earlier one; what else is there, as the action's, stays. @returns the command's path */
export async function bundleCommand(folder: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const earlier = ['cli.js', 'cli.js.LEGAL.txt', 'chunks'].map((name) => join(folder, name));
  await Promise.all(earlier.map((path) => rm(path, { recursive: true, force: true })));
  await build({
    absWorkingDir: root,
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    minify: true,
    legalComments: 'linked',
    chunkNames: 'chunks/[name]-[hash]',
    define: {
      FANFOLD_VERSION: JSON.stringify(version),
      // A release says which action is its own: OWNER/NAME@COMMIT # VERSION.
      FANFOLD_ACTION: JSON.stringify(process.env['FANFOLD_ACTION'] ?? ''),
    },
    banner: {
      js: "#!/usr/bin/env node\nimport { createRequire as fanfoldRequire } from 'node:module';const require = fanfoldRequire(import.meta.url);",
    },
  });
  const path = join(folder, 'cli.js');
  await chmod(path, 0o755);
  return path;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundleCommand(process.argv[2] ?? join(root, 'dist'));
