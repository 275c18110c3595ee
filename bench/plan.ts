/**
 * `npm run bench:plan`: what planning costs: a real family of 457 legs, a huge one, and how the cost grows with legs and with files.
 * No network: bases are left as written, and staging holds nothing.
 */
import { execFileSync } from 'node:child_process';
import { bundleCommand } from './command.ts';
import { printMachine } from './machine.ts';
import { median, printGoal, spreadText } from './measure.ts';
import { type PlannedFamily, realFamily, realSize, type Size, scaledFamily } from './plan-family.ts';
import { type PlanFigures, planProgram } from './plan-program.ts';

const rounds = 11;
const huge: Size = { legs: 20_000, files: 1_000_000 };
/** The other dimension stays as it is. */
const legSizes = [250, 1000, 4000, 16_000].map((legs) => ({ legs, files: 20_000 }));
const fileSizes = [10_000, 50_000, 250_000, 1_000_000].map((files) => ({ legs: 500, files }));

printMachine('plan: the keys of all legs, no network (bases as written), against a staging that holds nothing', []);
using program = await planProgram();
using command = bundleCommand();
await measureReal();
await measureGrowth('legs', legSizes);
await measureGrowth('files', fileSizes);
await measureHuge();

async function measureReal(): Promise<void> {
  const family = await realFamily();
  using repository = family.repository;
  describeFamily(family);
  const runs: { readonly figures: PlanFigures; readonly listMs: number; readonly commandMs: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const versionMs = timed(process.execPath, [command.path, '--version'], repository.path);
    // What a first push asks: every leg is new. No flag of the command asks less of the network.
    const args = [command.path, 'plan', '--since', '0'.repeat(40), '--json'];
    const commandMs = timed(process.execPath, args, repository.path) - versionMs;
    const run = { figures: program.plan(repository.path), listMs: listing(repository.path), commandMs };
    // The first round brings the files into memory.
    if (round > 0) runs.push(run);
  }
  const figures = runs.map((run) => run.figures);
  printFigures(figures);
  console.log(
    `git ls-files -s -z of the same files: ${spreadText(
      runs.map(({ listMs }) => listMs),
      1,
    )} ms`,
  );
  printGoal(
    `${figures[0]?.legs} legs planned, modules loaded before`,
    `${spreadText(valuesOf(figures, 'wallMs'), 0)} ms`,
    'under 150 ms',
  );
  const commands = runs.map(({ commandMs }) => commandMs);
  console.log(`   the whole command (plan --since 0...0), beyond \`fanfold --version\`: ${spreadText(commands, 0)} ms`);
  printProfile(program.profile(repository.path));
}

async function measureGrowth(dimension: keyof Size, sizes: readonly Size[]): Promise<void> {
  console.log(`\n## cost against ${dimension}\n`);
  for (const size of sizes) {
    using repository = await scaledFamily(size);
    console.log(`${sizeText(size)}: ${figuresText(program.plan(repository.path))}`);
  }
}

async function measureHuge(): Promise<void> {
  console.log(`\n## ${sizeText(huge)}\n`);
  using repository = await scaledFamily(huge);
  const runs = [program.plan(repository.path), program.plan(repository.path), program.plan(repository.path)];
  printFigures(runs);
  console.log(`git ls-files -s -z of the same files: ${listing(repository.path).toFixed(0)} ms`);
  printGoal(
    'planned',
    `${spreadText(
      valuesOf(runs, 'wallMs').map((ms) => ms / 1000),
      1,
    )} s`,
    'under 10 s',
  );
  printGoal('peak memory', `${gibText(Math.max(...valuesOf(runs, 'peakBytes')))} GiB`, 'under 2 GiB');
}

function describeFamily({ isReal }: PlannedFamily): void {
  const what = isReal
    ? 'a real family’s matrix and paths, stand-ins of the same shape for its texts'
    : 'a generated family of the same shape: the real one’s data is not here';
  console.log(`## ${sizeText(realSize)}: ${what}\n`);
}

function printFigures(runs: readonly PlanFigures[]): void {
  const text = (name: keyof PlanFigures): string => spreadText(valuesOf(runs, name), 0);
  console.log(`time ${text('wallMs')} ms: load ${text('loadMs')}, key ${text('keyMs')}, decide ${text('decideMs')}`);
  console.log(`processor: main thread ${text('mainMs')} ms, all threads and git ${text('processorMs')} ms`);
  const peakMib = median(valuesOf(runs, 'peakBytes')) / 2 ** 20;
  console.log(`peak memory ${peakMib.toFixed(0)} MiB; ${runs[0]?.spawns} programs started; ${runs.length} runs`);
}

function figuresText(figures: PlanFigures): string {
  const { wallMs, loadMs, keyMs, mainMs, processorMs, peakBytes } = figures;
  const times = `${wallMs.toFixed(0)} ms (load ${loadMs.toFixed(0)}, key ${keyMs.toFixed(0)})`;
  const processor = `main thread ${mainMs.toFixed(0)} ms, processor ${processorMs.toFixed(0)} ms`;
  return `${times}, ${processor}, peak ${(peakBytes / 2 ** 20).toFixed(0)} MiB`;
}

function printProfile(byModule: ReadonlyMap<string, number>): void {
  const totalMs = [...byModule.values()].reduce((sum, ms) => sum + ms, 0);
  console.log(
    '\nwhere the time of one planning goes, by a profile of the process from its start (which itself costs time):',
  );
  for (const [place, ms] of byModule) {
    if (ms >= totalMs / 100) console.log(`  ${((100 * ms) / totalMs).toFixed(0).padStart(3)} %  ${place}`);
  }
}

function valuesOf(runs: readonly PlanFigures[], name: keyof PlanFigures): readonly number[] {
  return runs.map((figures) => Number(figures[name]));
}

function listing(root: string): number {
  return timed('git', ['ls-files', '-s', '-z'], root);
}

function timed(file: string, args: readonly string[], cwd: string): number {
  const startedMs = performance.now();
  execFileSync(file, args, { cwd, maxBuffer: 1 << 30 });
  return performance.now() - startedMs;
}

function sizeText({ legs, files }: Size): string {
  return `${legs.toLocaleString('en')} legs, ${files.toLocaleString('en')} files`;
}

function gibText(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(2);
}
