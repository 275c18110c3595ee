/** A replay as a table: each commit with how many legs it reaches, and what all of them come to. */
import type { Replay, ReplayedCommit } from '../plan/replay.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** The table, and a summary. */
export function describeReplay({ since, commits, legs, summary }: Replay, style: Style): string {
  if (commits.length === 0) return `no commit since ${since}`;
  const rows = commits.map((one) => [
    one.commit.slice(0, 12),
    String(one.paths),
    one.legs.length === 0 ? style.dim('0') : style.bold(String(one.legs.length)),
    notes(one),
  ]);
  const share = (count: number): string => `${count} (${((100 * count) / summary.commits).toFixed(1)} %)`;
  return [
    formatTable([['commit', 'paths', 'legs', ''], ...rows]),
    '',
    `${summary.commits} commits since ${since}, by the ${legs} legs as they are now:`,
    `  reach no leg         ${share(summary.reachNone)}`,
    `  reach every leg      ${share(summary.reachAll)}`,
    `  legs, median         ${summary.medianLegs}`,
    `  legs, mean           ${summary.meanLegs}`,
    `  legs over all        ${summary.legsOfAll}, of ${summary.legsIfAllWereBuilt} if every commit built every leg`,
    `  edit the configuration  ${share(summary.configuration)}: what that alters of a leg counts besides`,
  ].join('\n');
}

function notes({ isConfiguration, gone }: ReplayedCommit): string {
  const parts = [
    ...(isConfiguration ? ['configuration'] : []),
    ...(gone === 0 ? [] : [`${gone} ${gone === 1 ? 'path is' : 'paths are'} gone since`]),
  ];
  return parts.join(', ');
}
