/** What was made of a runner's disk, as text. */
import type { Preparation } from '../runners/prepare.ts';
import { formatDiskSize } from '../source/project/disk-size.ts';
import type { Style } from './style.ts';
import { formatDuration, formatTable } from './table.ts';

/** Each folder with its time, then what is free. */
export function describePreparation(
  preparation: Preparation & { readonly needBytes?: number; readonly dryRun: boolean },
  style: Style,
): string {
  const { removals, freeBeforeBytes, freeBytes, durationMs, needBytes, dryRun } = preparation;
  const rows = removals.map(({ name, path, sizeBytes, durationMs: took }) => [
    dryRun ? style.yellow('would remove') : style.green('removed'),
    name,
    path,
    `about ${formatDiskSize(sizeBytes)}`,
    took === undefined ? '' : formatDuration(took),
  ]);
  const free = dryRun ? `about ${formatDiskSize(freeBytes)} would be free` : `${formatDiskSize(freeBytes)} are free`;
  const after =
    removals.length === 0
      ? `${formatDiskSize(freeBytes)} are free; nothing to remove`
      : `${free}, ${formatDiskSize(freeBeforeBytes)} were before`;
  const time = dryRun || removals.length === 0 ? '' : `; it took ${formatDuration(durationMs)}`;
  const short =
    needBytes !== undefined && freeBytes < needBytes
      ? [`${style.red('too little')}: ${formatDiskSize(needBytes)} are needed`]
      : [];
  return [...(rows.length === 0 ? [] : [formatTable(rows)]), `${after}${time}`, ...short].join('\n');
}
