/** A leg's use of the machine's disks, measured around its build. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { BuilderKind } from '../build/builder.ts';
import { dataFolders } from '../build/data-folders.ts';
import type { DiskMeter, DiskUse } from '../runners/sampler.ts';
import { formatDiskSize } from '../source/project/disk-size.ts';
import type { Leg } from '../source/project/model.ts';

/** A measurement of one leg. */
export interface LegDisk {
  /** Ends it; may be called again. */
  end(): Promise<DiskUse | undefined>;
}

/** Begins to measure a leg; without a meter nothing is measured. */
export async function measureLeg(
  { target }: Leg,
  kind: BuilderKind,
  given: { readonly root: string; readonly meter: DiskMeter | undefined; readonly host: Host },
  cancel: Cancel,
): Promise<LegDisk> {
  if (given.meter === undefined) return { end: async () => undefined };
  const { env } = given.host;
  const layouts = [target.staging, ...target.destinations.map(({ location }) => location)];
  const folders = [
    given.root,
    env['TMPDIR'] ?? '/tmp',
    env['RUNNER_TEMP'] ?? '',
    ...layouts.flatMap((location) => (location.kind === 'layout' ? [location.path] : [])),
    ...(await dataFolders(kind, given.host, cancel)),
  ];
  const watch = await given.meter.begin(folders.filter((folder) => folder !== ''));
  let ended: Promise<DiskUse | undefined> | undefined;
  return {
    end() {
      ended ??= watch.end();
      return ended;
    },
  };
}

/** Less than this is a disk that is full for most that a build does. */
const fullBytes = 500_000_000;

/** What a failed leg's log may not say: that the disk was full. */
export function fullDiskNotice(use: DiskUse | undefined): string | undefined {
  if (use === undefined || use.leastFreeBytes > fullBytes) return undefined;
  const [least, peak] = [formatDiskSize(use.leastFreeBytes), formatDiskSize(use.peakBytes)];
  return `the disk was full or nearly so: ${least} were left when the leg had taken ${peak}; say what it needs (disk: 30GB), so that the runner is prepared`;
}
