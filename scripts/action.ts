// Bundles the action to dist/action.cjs, which is committed, for a workflow installs nothing; with --check tells whether it is fresh.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { writeOrCheck } from './generated.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/action/main.ts'],
  bundle: true,
  write: false,
  // package.json says `module`; by its ending the file is what it is wherever it stands.
  outfile: 'dist/action.cjs',
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // Not minified: it is read in reviews, and two changes to the sources merge in it as they do there.
  legalComments: 'inline',
  charset: 'utf8',
  // The bundle names its modules: a linked node_modules would put the path of its other end there.
  preserveSymlinks: true,
  define: { FANFOLD_VERSION: JSON.stringify(version) },
});
await writeOrCheck([{ path: 'dist/action.cjs', text: outputFiles[0]?.text ?? '' }]);
