/** Platforms in FROM and the arguments that BuildKit defines by itself (Dockerfile reference, "Automatic platform ARGs"). */
import { mistake } from './mistake.ts';
import type { StagePlatform } from './reached-stage.ts';

/** `os/architecture[/variant]`. */
export function formatStagePlatform({ os, architecture, variant }: StagePlatform): string {
  return variant ? `${os}/${architecture}/${variant}` : `${os}/${architecture}`;
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
): Map<string, string> {
  const found = new Map(ownArgs(target, build, stage));
  for (const [name, value] of Object.entries(args)) if (found.has(name)) found.set(name, value);
  return found;
}

const knownArgs = new Map<string, ReadonlyMap<string, string>>();
/** A family has few platforms and few stages. */
const maxKnown = 100;

/** The same for all legs of a platform and a stage. */
function ownArgs(target: StagePlatform, build: StagePlatform, stage: string): ReadonlyMap<string, string> {
  const [targetText, buildText] = [formatStagePlatform(target), formatStagePlatform(build)];
  const identity = `${targetText} ${buildText} ${stage}`;
  const known = knownArgs.get(identity);
  if (known !== undefined) return known;
  const made = new Map([
    ['BUILDPLATFORM', buildText],
    ['BUILDOS', build.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', build.architecture],
    ['BUILDVARIANT', build.variant ?? ''],
    ['TARGETPLATFORM', targetText],
    ['TARGETOS', target.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', target.architecture],
    ['TARGETVARIANT', target.variant ?? ''],
    ['TARGETSTAGE', stage],
  ]);
  if (knownArgs.size >= maxKnown) knownArgs.clear();
  knownArgs.set(identity, made);
  return made;
}

function normalize(os: string, written: string, writtenVariant: string): StagePlatform {
  const [architecture, implied] = architectures[written] ?? [written, ''];
  let variant = writtenVariant || implied;
  if (/^\d$/.test(variant)) variant = `v${variant}`;
  if (architecture === 'arm' && variant === '') variant = 'v7';
  if ((architecture === 'arm64' && variant === 'v8') || (architecture === 'amd64' && variant === 'v1')) variant = '';
  return { os, architecture, ...(variant !== '' && { variant }) };
}
