/** A packing as a table: each job with its legs, shard by shard. */
import type { Packing } from '../plan/pack.ts';
import { describeMachine } from '../runners/catalog.ts';
import { formatDiskSize } from '../source/project/disk-size.ts';
import type { Style } from './style.ts';
import { formatDuration, formatTable } from './table.ts';

/** The table, and a summary. */
export function describePacking({ shards, makespanMs }: Packing, style: Style): string {
  const rows = shards.flatMap((jobs, shard) =>
    jobs.map(({ name, machine, legs, durationMs, diskBytes }) => [
      String(shard + 1),
      style.bold(name),
      describeMachine(machine),
      formatDuration(durationMs),
      diskBytes === undefined ? '' : formatDiskSize(diskBytes),
      legs.join(' '),
    ]),
  );
  const jobs = shards.flat();
  const legs = jobs.reduce((sum, job) => sum + job.legs.length, 0);
  const summary = `${legs} legs in ${jobs.length} jobs in ${shards.length} shards; the longest takes about ${formatDuration(makespanMs)}`;
  if (rows.length === 0) return 'nothing to build';
  return [formatTable([['shard', 'job', 'machine', 'takes', 'disk', 'legs'], ...rows]), '', summary].join('\n');
}
