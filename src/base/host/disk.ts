/** Disk space: what a file system has, and has left. */
import { stat, statfs } from 'node:fs/promises';

/** A file system's space, in bytes. */
export interface Space {
  /** Tells one file system from another. */
  readonly device: number;
  readonly totalBytes: number;
  /** What this process's user may still fill. */
  readonly freeBytes: number;
}

/** What measures disk space. */
export interface Disk {
  /** The file system that `path` is on; undefined where nothing stands there, or it cannot be asked. */
  space(path: string): Promise<Space | undefined>;
}

/** The machine's own disks. */
export const systemDisk: Disk = {
  async space(path) {
    try {
      const [{ dev: device }, { bsize, blocks, bavail }] = await Promise.all([stat(path), statfs(path)]);
      return { device, totalBytes: bsize * blocks, freeBytes: bsize * bavail };
    } catch {
      return undefined;
    }
  },
};
