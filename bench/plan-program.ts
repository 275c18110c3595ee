/** The program that plans once (`plan-once.ts`), bundled as the command is but readable, and run in a process of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { type CpuProfile, timeByModule } from './plan-profile.ts';

/** What one planning took. */
export interface PlanFigures {
  /** From the start of the process until its modules were loaded; what follows is beyond that. */
  readonly modulesMs: number;
  readonly wallMs: number;
  /** fanfold.yaml and its matrices, read and checked; tags. */
  readonly loadMs: number;
  /** Git's listing, and the keys of all legs. */
  readonly keyMs: number;
  /** The plan against a staging that holds nothing. */
  readonly decideMs: number;
  /** What the main thread had of a processor. */
  readonly mainMs: number;
  /** Of all threads and of git. */
  readonly processorMs: number;
  readonly peakBytes: number;
  /** Programs that were started. */
  readonly spawns: number;
  readonly legs: number;
  /** Over all keys: equal where they are. */
  readonly keys: string;
}

/** The program; removed by `using`. */
export interface PlanProgram extends Disposable {
  plan(root: string): PlanFigures;
  /** Where the time of one planning goes, by module, in milliseconds. */
  profile(root: string): ReadonlyMap<string, number>;
}

/** Bundles the program. */
export async function planProgram(): Promise<PlanProgram> {
  const folder = temporaryFolder('bench-plan');
  const outfile = join(folder.path, 'plan.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('plan-once.ts', import.meta.url))],
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    banner: {
      js: "import { createRequire as fanfoldRequire } from 'node:module';const require = fanfoldRequire(import.meta.url);",
    },
  });
  const run = (args: readonly string[]): string =>
    execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 600_000, maxBuffer: 1 << 20 });
  return {
    plan: (root) => JSON.parse(run([outfile, root])) as PlanFigures,
    profile(root) {
      const profiles = join(folder.path, 'profiles');
      mkdirSync(profiles, { recursive: true });
      run(['--cpu-prof', '--cpu-prof-interval', '100', `--cpu-prof-dir=${profiles}`, outfile, root]);
      const [file = ''] = readdirSync(profiles);
      const profile = JSON.parse(readFileSync(join(profiles, file), 'utf8')) as CpuProfile;
      return timeByModule(profile, readFileSync(outfile, 'utf8'));
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
