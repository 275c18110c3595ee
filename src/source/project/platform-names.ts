/** Platforms as they are written in configuration: any words make one, those that no system has are mistyped. */
import { isFanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { type Platform, parsePlatform } from '../../content/oci/platform.ts';

/** What is wrong with a platform, and what to write. */
export interface PlatformMistake {
  readonly message: string;
  readonly hint: string;
}

const form = 'write os/architecture or os/architecture/variant, as in linux/arm64 or linux/arm/v7';

/** A platform that is known, normalized; else what is wrong with it. */
export function readPlatform(text: string): Platform | PlatformMistake {
  try {
    const platform = parsePlatform(text);
    if (systems.includes(platform.os) && architectures.includes(platform.architecture)) return platform;
    return { message: `${JSON.stringify(text)} is not a platform that is known`, hint: nearestPlatform(text) ?? form };
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    return { message: error.message, hint: nearestPlatform(text) ?? form };
  }
}

function nearestPlatform(text: string): string | undefined {
  const nearest = nearestName(text.slice(0, 64), usualPlatforms);
  return nearest === undefined ? undefined : `did you mean ${nearest}?`;
}

/** Go's `GOOS` and `GOARCH`, of which OCI's platforms are made (image-index.md). */
const systems =
  'linux windows darwin freebsd netbsd openbsd dragonfly solaris illumos aix android ios js plan9 wasip1'.split(' ');
const architectures =
  'amd64 386 arm arm64 ppc64le ppc64 s390x riscv64 loong64 mips mipsle mips64 mips64le wasm ppc riscv sparc64'.split(
    ' ',
  );
const usualPlatforms =
  'linux/amd64 linux/amd64/v2 linux/amd64/v3 linux/386 linux/arm64 linux/arm/v5 linux/arm/v6 linux/arm/v7 linux/ppc64le linux/s390x linux/riscv64 linux/loong64 windows/amd64 windows/arm64'.split(
    ' ',
  );
