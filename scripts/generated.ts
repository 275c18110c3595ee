// Files that are made of source: written, or with --check compared, so that a stale one fails the check.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file that is made, its path from the repository's root. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Writes `files`; called with --check, changes nothing and ends with status 1 where one is not as it would be written. */
export async function writeOrCheck(files: readonly GeneratedFile[]): Promise<void> {
  const isCheck = process.argv.includes('--check');
  for (const { path, text } of files) {
    const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
    const standing = await readFile(file, 'utf8').catch(() => undefined);
    if (standing === text) continue;
    if (isCheck) {
      console.error(
        `${path} is not as its source has it: run npx tsx ${process.argv[1]?.replace(/.*\/scripts\//, 'scripts/')}`,
      );
      process.exitCode = 1;
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    console.log(`wrote ${path}`);
  }
}
