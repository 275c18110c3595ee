/** Platforms (OCI image specification 1.1, image-index.md): parse, normalize as containerd does, compare, print. */
import { FanfoldError } from '../../base/errors/error.ts';

/** What an image runs on. Normalized by `parsePlatform` and `normalizePlatform`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const word = /^[A-Za-z0-9_.-]+$/;

/**
 * `os/architecture[/variant]`, normalized.
 * @throws FanfoldError `content.platform`
 */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...more] = text.split('/');
  const words = [os, architecture, ...(variant === undefined ? [] : [variant])];
  if (
    os === undefined ||
    architecture === undefined ||
    more.length > 0 ||
    !words.every((part) => word.test(part ?? ''))
  ) {
    throw new FanfoldError('content.platform', `${JSON.stringify(text)} is not a platform`, {
      hint: 'write os/architecture or os/architecture/variant, as in linux/arm64 or linux/arm/v7',
    });
  }
  return normalizePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) });
}

/** Aliases resolved and default variants made one: arm is arm/v7, arm64/v8 is arm64, amd64/v1 is amd64. */
export function normalizePlatform(platform: Platform): Platform {
  const { architecture, variant, ...rest } = platform;
  const named = normalizeArchitecture(architecture.toLowerCase(), variant?.toLowerCase());
  return {
    ...rest,
    os: osAliases[platform.os.toLowerCase()] ?? platform.os.toLowerCase(),
    architecture: named.architecture,
    ...(named.variant === undefined || named.variant === '' ? {} : { variant: named.variant }),
  };
}

/** `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** Everything that tells two platforms of an index apart, as one string: equal exactly where the platforms are. */
export function platformIdentity(platform: Platform): string {
  const { os, architecture, variant, 'os.version': version, 'os.features': features } = normalizePlatform(platform);
  return JSON.stringify([os, architecture, variant ?? '', version ?? '', [...(features ?? [])].sort()]);
}

/** The canonical order of an index: by os, architecture, variant, os.version and os.features, by code unit. */
export function comparePlatforms(a: Platform, b: Platform): number {
  const [left, right] = [platformIdentity(a), platformIdentity(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The platform of BuildKit's attestation manifests. */
export const unknownPlatform: Platform = { os: 'unknown', architecture: 'unknown' };

const osAliases: Readonly<Record<string, string>> = { macos: 'darwin' };

function normalizeArchitecture(
  architecture: string,
  variant: string | undefined,
): { architecture: string; variant?: string } {
  const made = (name: string, value: string | undefined) => ({
    architecture: name,
    ...(value === undefined ? {} : { variant: value }),
  });
  switch (architecture) {
    case 'i386':
    case 'i686':
      return made('386', variant);
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return made('amd64', variant === 'v1' ? undefined : variant);
    case 'aarch64':
    case 'arm64':
      return made('arm64', variant === '8' || variant === 'v8' ? undefined : variant);
    case 'armhf':
      return made('arm', 'v7');
    case 'armel':
      return made('arm', 'v6');
    case 'arm':
      return made(
        'arm',
        variant === undefined || variant === '7' ? 'v7' : /^[568]$/.test(variant) ? `v${variant}` : variant,
      );
    default:
      return made(architecture, variant);
  }
}
