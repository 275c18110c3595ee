/**
 * Publishes the merge benchmark's family as `fanfold publish` does once the keys are known: asks staging and the destinations, then
 * does what is missing. A process of its own, as every call of the command is. Takes the round, `ordered` or `plain` (whether a record of what took
 * each tag last is read and written, as it is in a Git repository) and the hosts; prints milliseconds.
 */
import { nodeHost } from '../src/base/host/host.ts';
import { openStores } from '../src/content/store/open.ts';
import { makePlan } from '../src/plan/plan.ts';
import type { TagOrder } from '../src/publish/settle-tags.ts';
import { publishPlan } from '../src/run/publish.ts';
import { openWith } from '../test/support/publication.ts';
import { familyOf } from './merge-family.ts';

const [round = '0', manner = 'plain', ...hosts] = process.argv.slice(2);
const family = familyOf(hosts, Number(round));
const host = nodeHost();
const open = openWith(openStores(host));
const keyed = family.flatMap(({ legs }) => legs);
const targets = family.flatMap(({ legs }) => legs.slice(0, 1).map(({ leg }) => leg.target));
const tags = new Map(family.map(({ name }) => [name, ['latest']]));

/** Each round is a newer commit of one branch. */
const order: TagOrder = {
  run: { commit: round.padStart(40, '0'), ref: 'refs/heads/main', timeMs: Number(round) },
  take: false,
  tagsOf: () => [
    { name: 'latest', kind: 'moving', order: { by: 'commit', ref: 'refs/heads/main' }, rule: 'type=raw,value=latest' },
  ],
  relate: async () => 'newer',
  markOf: async () => undefined,
};

const startedMs = performance.now();
const plan = await makePlan({ targets, keyed, unkeyed: [], tags, open, publishedAtOnce: true });
const outcome = await publishPlan(plan, { open, on: () => undefined, ...(manner === 'ordered' ? { order } : {}) }, {});
const wallMs = performance.now() - startedMs;
await host.http.close();

const published = [...outcome.targets.values()].filter(({ kind }) => kind === 'published').length;
if (published !== family.length) throw new Error(`only ${published} of ${family.length} targets were published`);
const { user, system } = process.cpuUsage();
console.log(JSON.stringify({ wallMs, processorMs: (user + system) / 1000, peakBytes: process.memoryUsage.rss() }));
