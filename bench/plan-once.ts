/** One planning of a family, in a process of its own whose modules are loaded before: prints what its phases took, as JSON. */
import { createHash } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { nodeHost } from '../src/base/host/host.ts';
import { memoryStore } from '../src/content/store/memory.ts';
import { makePlan } from '../src/plan/plan.ts';
import { offline } from '../src/plan/since.ts';
import { beginHead } from '../src/source/git/head.ts';
import { keyLegs } from '../src/source/inputs/key-legs.ts';
import { loadFamily } from '../src/source/project/load.ts';
import { localEvent } from '../src/source/tags/event.ts';
import { createTagNamer } from '../src/source/tags/names.ts';
import type { PlanFigures } from './plan-program.ts';

const [root = '.'] = process.argv.slice(2);
const host = nodeHost();
let spawns = 0;
subscribe('child_process', () => {
  spawns += 1;
});

const modulesMs = performance.now();
const before = { mainMs: mainThreadMs(), processorMs: processorMs() };
// As `fanfold plan` does it.
const head = beginHead(root, { tree: true, uncommitted: true }, host);
const { family, diagnostics } = await loadFamily(root, host);
if (family === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
const event = localEvent({ tags: [], branch: 'main', sha: 'a'.repeat(40), nowMs: 0 });
const namer = createTagNamer();
const tags = new Map(family.targets.map((target) => [target.name, namer(target.tags, event)]));
const loadedMs = performance.now();
const { keyed, failed } = await keyLegs(
  family,
  { tree: 'head', head, moment: { nowMs: 0, bases: new Map() }, ...offline },
  host,
);
const keyedMs = performance.now();
const [first] = failed;
if (first !== undefined) throw first.error;
// A staging that holds nothing: every leg is to be built.
const staging = memoryStore();
const plan = await makePlan({ targets: family.targets, keyed, unkeyed: [], tags, open: async () => staging });
const endedMs = performance.now();
const figures: PlanFigures = {
  modulesMs,
  wallMs: endedMs - modulesMs,
  loadMs: loadedMs - modulesMs,
  keyMs: keyedMs - loadedMs,
  decideMs: endedMs - keyedMs,
  mainMs: mainThreadMs() - before.mainMs,
  processorMs: processorMs() - before.processorMs,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  spawns,
  legs: plan.legs.length,
  keys: keysDigest(),
};
console.log(JSON.stringify(figures));

/** What the main thread had of a processor: near what the clock shows where nothing else runs, its waiting left out. */
function mainThreadMs(): number {
  return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** Of this process with all its threads, and of the children that ended. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const ticks = Number(fields[13]) + Number(fields[14]);
  return (user + system) / 1000 + ticks * 10;
}

function keysDigest(): string {
  const hash = createHash('sha256');
  for (const { leg, key } of keyed) hash.update(`${leg.name} ${key}\n`);
  return hash.digest('hex');
}
