/** What hosted Ubuntu runners bring that images are not built with, and that can be removed for room. */
import type { PreinstalledName } from '../source/project/github-setting.ts';

/** A folder of a runner's image. */
export interface Preinstalled {
  readonly name: PreinstalledName;
  /** From the machine's root. */
  readonly path: string;
  /** About how much removing it frees, and how long that takes. */
  readonly sizeBytes: number;
  readonly removeMs: number;
}

/**
 * Measured one by one on `ubuntu-24.04` (drevops/vortex#3010, 2026); on arm64 about a third of it is there (nimbus-eth1#3913, 2026-01). Nothing that a
 * job's own steps run by default is here: no Node.js, Python, Go or Java, of the tool cache CodeQL alone.
 */
export const preinstalled: readonly Preinstalled[] = [
  { name: 'haskell', path: 'usr/local/.ghcup', sizeBytes: 3.74e9, removeMs: 1000 },
  { name: 'swift', path: 'usr/share/swift', sizeBytes: 3.36e9, removeMs: 1000 },
  { name: 'powershell', path: 'usr/local/share/powershell', sizeBytes: 1.3e9, removeMs: 500 },
  { name: 'dotnet', path: 'usr/share/dotnet', sizeBytes: 5.26e9, removeMs: 7000 },
  { name: 'codeql', path: 'opt/hostedtoolcache/CodeQL', sizeBytes: 1.71e9, removeMs: 5000 },
  { name: 'android', path: 'usr/local/lib/android', sizeBytes: 10.9e9, removeMs: 50_000 },
  { name: 'miniconda', path: 'usr/share/miniconda', sizeBytes: 0.97e9, removeMs: 8000 },
];

/**
 * The folders to remove for `missingBytes` more room: those that free most in a second first, and of these none that the others make needless. All of
 * them where they are not enough.
 */
export function chooseRemovals(present: readonly Preinstalled[], missingBytes: number): readonly Preinstalled[] {
  const worth = ({ sizeBytes, removeMs }: Preinstalled): number => sizeBytes / removeMs;
  const chosen = new Set<Preinstalled>();
  let freedBytes = 0;
  for (const one of [...present].sort((a, b) => worth(b) - worth(a))) {
    if (freedBytes >= missingBytes) break;
    chosen.add(one);
    freedBytes += one.sizeBytes;
  }
  for (const one of [...chosen].sort((a, b) => b.removeMs - a.removeMs)) {
    if (freedBytes - one.sizeBytes < missingBytes) continue;
    chosen.delete(one);
    freedBytes -= one.sizeBytes;
  }
  return [...chosen];
}
