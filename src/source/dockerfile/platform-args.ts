/** Platforms in FROM and the arguments that BuildKit defines by itself (Dockerfile reference, "Automatic platform ARGs"). */
import { mistake } from './mistake.ts';
import type { StagePlatform } from './reached-stage.ts';

/** `os/architecture[/variant]`. */
export function formatStagePlatform({ os, architecture, variant }: StagePlatform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}

const architectures: Readonly<Record<string, readonly [string, string]>> = {
  i386: ['386', ''],
  x86_64: ['amd64', ''],
  'x86-64': ['amd64', ''],
  aarch64: ['arm64', ''],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
};
const systems = new Set(['linux', 'windows', 'darwin', 'freebsd', 'netbsd', 'openbsd', 'solaris', 'wasi', 'macos']);

/**
 * A platform as FROM takes it: what is left out comes from `fallback`. Normalized as containerd does.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function readStagePlatform(text: string, fallback: StagePlatform): StagePlatform {
  const parts = text.toLowerCase().split('/');
  const [first = '', second, third] = parts;
  if (parts.length > 3 || !parts.every((part) => /^[a-z0-9_.-]+$/.test(part))) {
    throw mistake(`${JSON.stringify(text)} is no platform`, 'write os/architecture, as in linux/arm64');
  }
  if (second !== undefined) return normalize(first === 'macos' ? 'darwin' : first, second, third ?? '');
  return systems.has(first)
    ? { ...fallback, os: first === 'macos' ? 'darwin' : first }
    : normalize(fallback.os, first, '');
}

/** The arguments that are there without any ARG in global scope; a build argument of the same name replaces each. */
export function platformArgs(
  target: StagePlatform,
  build: StagePlatform,
  stage: string,
  args: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const own: readonly (readonly [string, string])[] = [
    ['BUILDPLATFORM', formatStagePlatform(build)],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', build.variant ?? ''],
    ['TARGETPLATFORM', formatStagePlatform(target)],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant ?? ''],
    ['TARGETSTAGE', stage],
  ];
  return new Map(own.map(([name, value]) => [name, Object.hasOwn(args, name) ? (args[name] ?? value) : value]));
}

function normalize(os: string, written: string, writtenVariant: string): StagePlatform {
  const [architecture, implied] = architectures[written] ?? [written, ''];
  let variant = writtenVariant || implied;
  if (/^\d$/.test(variant)) variant = `v${variant}`;
  if (architecture === 'arm' && variant === '') variant = 'v7';
  if ((architecture === 'arm64' && variant === 'v8') || (architecture === 'amd64' && variant === 'v1')) variant = '';
  return { os, architecture, ...(variant !== '' && { variant }) };
}
