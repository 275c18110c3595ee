/** Where a benchmark's registries keep what they are sent, so that what is compared is clients and not a disk. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one registry's storage, removed by `using`. */
export interface StorageFolder extends Disposable {
  readonly path: string;
}

const inMemory = '/dev/shm';
const tmpfsType = 0x01021994;

/** An empty folder in memory, or on the disk where the machine has no folder in memory. */
export function storageFolder(): StorageFolder {
  const path = mkdtempSync(join(storagePlace() === 'memory' ? inMemory : tmpdir(), 'fanfold-bench-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Where `storageFolder` makes its folders. */
export function storagePlace(): 'memory' | 'disk' {
  try {
    return statfsSync(inMemory).type === tmpfsType ? 'memory' : 'disk';
  } catch {
    return 'disk';
  }
}
