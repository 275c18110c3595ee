/** The house's floors: dependency-cruiser over src, and a failure if it saw no modules at all. */
import { spawnSync } from 'node:child_process';

interface Cruise {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
    }[];
  };
}

const cruise = spawnSync(
  'npx',
  ['--no-install', 'depcruise', 'src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
  {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  },
);
if (cruise.stdout === '') throw new Error(cruise.stderr);
const { summary } = JSON.parse(cruise.stdout) as Cruise;
for (const { rule, from, to } of summary.violations) console.error(`${rule.name}: ${from} imports ${to}`);
console.log(`${summary.totalCruised} modules, ${summary.violations.length} imports that break a rule`);
if (summary.totalCruised < 20) throw new Error('too few modules were seen: the check would prove nothing');
process.exitCode = summary.violations.length === 0 ? 0 : 1;
