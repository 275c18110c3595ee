/** Hosted runners, as GitHub names them on the date below, and which one a leg runs on. */
import { formatPlatform, type Platform, parsePlatform } from '../content/oci/platform.ts';
import type { RunnerSetting, RunsOn } from '../source/project/github-setting.ts';

/** A kind of hosted machine. */
export interface HostedRunner {
  readonly label: string;
  /** Platforms that it runs without emulation. */
  readonly platforms: readonly string[];
  /** The most that can be free on one for a leg, in bytes, all that can be removed being gone; absent where nobody has measured it. */
  readonly roomBytes?: number;
}

/**
 * GitHub's standard runners (actions/runner-images README and docs.github.com, 2026-11). Versions are named, never `-latest`: that label moves to
 * another system from one day to the next. `ubuntu-24.04-arm` is generally available since 2025-08 (private repositories: 2026-01). Whether an
 * arm64 runner executes 32-bit ARM depends on the processor it happens to have, so that none is listed as native for it.
 *
 * Disks: GitHub promises 14 GB. In fact one label has machines of two sizes, of which nobody can choose: a root of 72 GiB with 14 to 20 free, or (nearly all,
 * 2026-06) of 145 GiB with 65 to 90 free (runner-images#13587, #14492; notebooks#3965). What can be removed is about 25 GiB on x64 and 9 on arm64, where 24
 * less is taken (nimbus-eth1#3913). The room here is that of the larger machine, rounded up: what does not fit there fits nowhere. Larger runners have names of
 * their owner's, and disks that were seen to differ from what is documented (runner-images#14443): they are measured where they run.
 */
export const hostedRunners: readonly HostedRunner[] = [
  {
    label: 'ubuntu-24.04',
    platforms: ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v3', 'linux/386'],
    roomBytes: 130e9,
  },
  { label: 'ubuntu-24.04-arm', platforms: ['linux/arm64'], roomBytes: 140e9 },
  { label: 'macos-15', platforms: ['darwin/arm64'] },
  { label: 'macos-15-intel', platforms: ['darwin/amd64'] },
  { label: 'windows-2025', platforms: ['windows/amd64'] },
  { label: 'windows-11-arm', platforms: ['windows/arm64'] },
];

/** Where everything runs that needs no machine of its own kind: plan, publish, and platforms that are emulated. */
export const defaultRunner = 'ubuntu-24.04';

/** What decides the machine of a leg. */
export interface MachineNeed {
  /** The target's (or the platform's) own `runner`. */
  readonly runner?: string;
  readonly platform: Platform;
  /** True where the leg only arranges files: any machine makes it, without emulation. */
  readonly anywhere?: boolean;
}

/**
 * Where a leg runs: by its own `runner` (a label, or a name among `runners`), by its platform or `default` among `runners`, by this catalog; else
 * on the default runner, emulated.
 */
export function runsOn({ runner, platform, anywhere = false }: MachineNeed, runners: RunnerSetting = {}): RunsOn {
  const named = (name: string): RunsOn | undefined => (Object.hasOwn(runners, name) ? runners[name] : undefined);
  if (runner !== undefined) return named(runner) ?? runner;
  const configured = named(formatPlatform(platform)) ?? named('default');
  if (configured !== undefined) return configured;
  return (anywhere ? undefined : nativeRunner(platform)) ?? defaultRunner;
}

/**
 * The same as JSON text, equal exactly where the runners are: what packing groups by (a job runs on one machine), and what a workflow reads with
 * `fromJSON`. A group's keys, and labels, keep the order they are written in.
 */
export function machineName(need: MachineNeed, runners?: RunnerSetting): string {
  return JSON.stringify(runsOn(need, runners));
}

/** A machine's name, as people read it. */
export function describeMachine(machine: string): string {
  const found = JSON.parse(machine) as RunsOn;
  if (typeof found === 'string') return found;
  if (!('group' in found)) return found.join(', ');
  return [`group ${found.group}`, ...(found.labels ?? [])].join(', ');
}

/** The most that can be free for a leg on a machine of this name; undefined where that is not known: labels of one's own, and groups. */
export function roomOf(machine: string): number | undefined {
  const found = JSON.parse(machine) as RunsOn;
  return typeof found === 'string' ? hostedRunners.find(({ label }) => label === found)?.roomBytes : undefined;
}

/** The hosted runner that runs a platform without emulation; undefined where there is none. */
export function nativeRunner(platform: Platform): string | undefined {
  const name = formatPlatform(platform);
  return hostedRunners.find(({ platforms }) => platforms.includes(name))?.label;
}

/** The platforms that `label` runs without emulation; undefined where the label is no hosted runner's. */
export function nativePlatforms(label: string): readonly Platform[] | undefined {
  return hostedRunners.find((hosted) => hosted.label === label)?.platforms.map((name) => parsePlatform(name));
}
