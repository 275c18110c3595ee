/** Peak disk: how much more of a machine's disks was taken at once while a leg was built than before it. */
import type { Host } from '../base/host/host.ts';

/** What a leg took. */
export interface DiskUse {
  /** The most that it held at once, in bytes: what its need is. */
  readonly peakBytes: number;
  /** The least that was left meanwhile on any of the disks. */
  readonly leastFreeBytes: number;
}

/** A measurement under way. */
export interface DiskWatch {
  /** Ends it, with a last look. Undefined where no disk could be asked, or where another leg was measured at the same time: nobody can tell whose it was. */
  end(): Promise<DiskUse | undefined>;
}

/** Measures the legs of one machine. */
export interface DiskMeter {
  /** Begins a leg: `folders` are those that it may fill, each disk counted once. */
  begin(folders: readonly string[]): Promise<DiskWatch>;
}

type MeterHost = Pick<Host, 'clock' | 'disk'>;

/** What is filled and emptied between two looks is not seen; BuildKit keeps what it made until a build's end. */
const intervalMs = 1000;

/** A meter. A look is one system call for each disk, once a second; it keeps no process alive. */
export function createDiskMeter(host: MeterHost): DiskMeter {
  const underWay = new Set<{ isShared: boolean }>();
  return {
    async begin(folders) {
      const one = { isShared: underWay.size > 0 };
      for (const other of underWay) other.isShared = true;
      underWay.add(one);
      const watch = await watchDisks(folders, host);
      return {
        async end() {
          const use = await watch.end();
          underWay.delete(one);
          return one.isShared ? undefined : use;
        },
      };
    },
  };
}

async function watchDisks(folders: readonly string[], { clock, disk }: MeterHost): Promise<DiskWatch> {
  const disks = new Map<number, { readonly folder: string; readonly freeBytes: number }>();
  for (const folder of folders) {
    const space = await disk.space(folder);
    if (space !== undefined && !disks.has(space.device))
      disks.set(space.device, { folder, freeBytes: space.freeBytes });
  }
  if (disks.size === 0) return { end: async () => undefined };
  const stopping = new AbortController();
  let peakBytes = 0;
  let leastFreeBytes = Math.min(...[...disks.values()].map(({ freeBytes }) => freeBytes));
  const look = async (): Promise<void> => {
    let taken = 0;
    for (const { folder, freeBytes } of disks.values()) {
      const now = (await disk.space(folder))?.freeBytes ?? freeBytes;
      leastFreeBytes = Math.min(leastFreeBytes, now);
      // What others freed meanwhile on one disk is nothing that the leg gave back on another.
      taken += Math.max(0, freeBytes - now);
    }
    peakBytes = Math.max(peakBytes, taken);
  };
  const looking = (async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await clock.sleep(intervalMs, { signal: stopping.signal, background: true }).catch(() => undefined);
      await look();
    }
  })();
  return {
    async end() {
      stopping.abort();
      await looking;
      return { peakBytes, leastFreeBytes };
    },
  };
}
