/** `npm run bench:start`: how long the command takes to start, beyond Node.js itself. */
import { spawnSync } from 'node:child_process';
import { bundleCommand } from './command.ts';
import { printMachine } from './machine.ts';
import { median, printGoal, spreadText } from './measure.ts';

const rounds = 21;

printMachine('start: the bundled command beyond bare Node.js', []);
using command = bundleCommand();
const ways = {
  'node -e 0': ['-e', '0'],
  'fanfold --version': [command.path, '--version'],
  'fanfold --help': [command.path, '--help'],
} as const;
const names = Object.keys(ways) as (keyof typeof ways)[];
const durationsMs = new Map(names.map((name) => [name, [] as number[]]));
// One round of each is let go: it brings the files into memory.
for (const name of names) start(name);
for (let round = 0; round < rounds; round++) {
  for (const name of round % 2 === 0 ? names : names.toReversed()) durationsMs.get(name)?.push(start(name));
}
for (const [name, values] of durationsMs) console.log(`${name.padEnd(20)} ${spreadText(values, 0)} ms; ${rounds} runs`);
printGoal('fanfold --version beyond node -e 0', spreadText(beyondNode('fanfold --version'), 0), 'under 80 ms');
console.log(`   fanfold --help beyond node -e 0: ${median(beyondNode('fanfold --help')).toFixed(0)} ms`);

function start(name: keyof typeof ways): number {
  const startedMs = performance.now();
  const { status } = spawnSync(process.execPath, ways[name], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`${name} ended with ${status}`);
  return performance.now() - startedMs;
}

function beyondNode(name: keyof typeof ways): readonly number[] {
  const bare = durationsMs.get('node -e 0') ?? [];
  return (durationsMs.get(name) ?? []).map((value, round) => value - (bare[round] ?? 0));
}
