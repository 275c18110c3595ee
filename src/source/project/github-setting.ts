/** What fanfold.yaml says of GitHub Actions: `github:`, as plain data with every default in place. */
import type { Place } from '../../base/errors/error.ts';

/** Where a job runs: a label, labels that one runner has all of, or a group with labels. */
export type RunsOn =
  | string
  | readonly string[]
  | { readonly group: string; readonly labels?: readonly string[] | undefined };

/** Runners by platform (`linux/arm64`), by a name that targets give as their `runner`, or as `default`. */
export type RunnerSetting = Readonly<Record<string, RunsOn>>;

/** Names of what GitHub keeps for a registry; `runner` where the machine is logged in already. */
export type RegistryCredential =
  | 'runner'
  | {
      /** A secret, or a variable as `vars.NAME`. */
      readonly username: string;
      /** A secret. */
      readonly password: string;
    };

/** What hosted Ubuntu runners bring that can be removed for room, by the names that `prepare-disk` takes. */
export const preinstalledNames = [
  'android',
  'codeql',
  'dotnet',
  'haskell',
  'miniconda',
  'powershell',
  'swift',
] as const;

/** One of them. */
export type PreinstalledName = (typeof preinstalledNames)[number];

/** Whether jobs make room on hosted runners: where a leg needs more than is free, before anything is built, or not at all. */
export interface PrepareDisk {
  readonly when: 'auto' | 'always' | 'never';
  readonly keep: readonly PreinstalledName[];
}

/** How a family runs on GitHub Actions. */
export interface GithubSetting {
  /** Where it is written, for messages. */
  readonly place: Place;
  /** The workflow's name; absent: made of where the family stands. */
  readonly name?: string;
  /** The workflow's file, from the repository's top; absent: made of where the family stands. */
  readonly workflow?: string;
  /** Fanfold's action, as `uses` takes it, a version behind `#`; absent: the command's own. */
  readonly action?: string;
  /** The reusable workflow to call instead of spelling the jobs out, as `uses` takes it. */
  readonly reusable?: string;
  readonly branches: readonly string[];
  readonly tags: readonly string[];
  /** Cron lines, in UTC. */
  readonly schedule: readonly string[];
  readonly pullRequest: 'build' | 'separate' | 'stage' | 'off';
  readonly mergeQueue: boolean;
  readonly legs: 'push' | 'staging';
  /** Jobs that copy content where legs stage alone, at the most. */
  readonly contentJobs: number;
  /** Their environment; absent: that of the publication. */
  readonly contentEnvironment?: string;
  readonly publish: 'job' | 'leg';
  /** The environment whose approval a publication waits for. */
  readonly environment?: string;
  /** What plan, publish and gate run on; absent: the default hosted runner. */
  readonly runner?: RunsOn;
  readonly runners: RunnerSetting;
  /** By host, as references have it. */
  readonly credentials: Readonly<Record<string, RegistryCredential>>;
  /** Environment variables of builds, by the secret that each holds. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly prepareDisk: PrepareDisk;
  readonly jobsMax?: number;
  /** How long plan and publish may take, in minutes. */
  readonly minutes: { readonly plan: number; readonly publish: number };
}

/** How a family runs that says nothing of it. */
export const defaultGithub: Omit<GithubSetting, 'place'> = {
  branches: ['main', 'master'],
  tags: ['v*'],
  schedule: [],
  pullRequest: 'stage',
  mergeQueue: true,
  legs: 'push',
  contentJobs: 8,
  publish: 'job',
  runners: {},
  credentials: {},
  secrets: {},
  prepareDisk: { when: 'auto', keep: [] },
  minutes: { plan: 30, publish: 60 },
};
