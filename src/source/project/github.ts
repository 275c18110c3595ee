/** `github` of fanfold.yaml as written to the model: defaults, and what can only be told with several fields in view. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import { parseLocation } from '../../content/oci/reference.ts';
import type { WrittenGithub } from './github-schema.ts';
import {
  defaultGithub,
  type GithubSetting,
  type PrepareDisk,
  type RegistryCredential,
  type RunnerSetting,
} from './github-setting.ts';
import type { Target } from './model.ts';
import { readPlatform } from './platform-names.ts';
import { mistake, type Path, placeOfKey, placeOfValue } from './source.ts';
import type { YamlSource } from './yaml.ts';

/** The setting; what is wrong goes to `diagnostics`. */
export function githubSetting(
  written: WrittenGithub,
  targets: readonly Target[],
  source: YamlSource,
  diagnostics: Diagnostic[],
): GithubSetting {
  diagnostics.push(...conflicts(written, source));
  const { schedule = defaultGithub.schedule, minutes } = written;
  return {
    place: placeOfKey(source, ['github']),
    ...named(written),
    branches: written.branches ?? defaultGithub.branches,
    tags: written.tags ?? defaultGithub.tags,
    schedule: typeof schedule === 'string' ? [schedule] : schedule,
    pullRequest: written['pull-request'] ?? defaultGithub.pullRequest,
    mergeQueue: written['merge-queue'] ?? defaultGithub.mergeQueue,
    legs: written.legs ?? defaultGithub.legs,
    contentJobs: written['content-jobs'] ?? defaultGithub.contentJobs,
    publish: written.publish ?? defaultGithub.publish,
    ...(written.runner === undefined ? {} : { runner: written.runner }),
    runners: runnersOf(written.runners ?? {}, targets, source, diagnostics),
    credentials: credentialsOf(written.credentials ?? {}, source, diagnostics),
    secrets: written.secrets ?? defaultGithub.secrets,
    prepareDisk: prepareDiskOf(written['prepare-disk']),
    ...(written['jobs-max'] === undefined ? {} : { jobsMax: written['jobs-max'] }),
    minutes: {
      plan: minutes?.plan ?? defaultGithub.minutes.plan,
      publish: minutes?.publish ?? defaultGithub.minutes.publish,
    },
  };
}

function prepareDiskOf(written: WrittenGithub['prepare-disk'] = {}): PrepareDisk {
  const usual = defaultGithub.prepareDisk;
  const { when = usual.when, keep = usual.keep } = typeof written === 'string' ? { when: written } : written;
  return { when, keep };
}

function named(written: WrittenGithub) {
  const { name, workflow, action, reusable, environment } = written;
  const contentEnvironment = written['content-environment'];
  return {
    ...(name === undefined ? {} : { name }),
    ...(workflow === undefined ? {} : { workflow }),
    ...(action === undefined ? {} : { action }),
    ...(reusable === undefined ? {} : { reusable }),
    ...(environment === undefined ? {} : { environment }),
    ...(contentEnvironment === undefined ? {} : { contentEnvironment }),
  };
}

function conflicts(written: WrittenGithub, source: YamlSource): readonly Diagnostic[] {
  return [...legsThatPublish(written, source), ...contentOfNobody(written, source)];
}

/** Legs that push bring the content themselves. */
function contentOfNobody(written: WrittenGithub, source: YamlSource): readonly Diagnostic[] {
  if (written.legs === 'staging') return [];
  const given = (['content-jobs', 'content-environment'] as const).filter((name) => written[name] !== undefined);
  return given.map((name) => {
    const message = `${name} is for legs: staging, and these legs push their content themselves`;
    return mistake(
      'config.invalid',
      placeOfKey(source, ['github', name]),
      message,
      'write legs: staging, or leave it out',
    );
  });
}

/** A leg that publishes goes past whatever stands before the publishing job. */
function legsThatPublish({ publish, legs, environment }: WrittenGithub, source: YamlSource): readonly Diagnostic[] {
  if (publish !== 'leg') return [];
  const place = placeOfValue(source, ['github', 'publish']);
  const told = (message: string, hint: string): Diagnostic => mistake('config.invalid', place, message, hint);
  return [
    ...(environment === undefined
      ? []
      : [told('legs that publish do not wait for an environment', 'write publish: job, or leave out environment')]),
    ...(legs !== 'staging'
      ? []
      : [
          told(
            'legs that publish need the destinations’ credentials',
            'write publish: job, or leave out legs: staging',
          ),
        ]),
  ];
}

/** A key is a platform (normalized), a name that targets give as `runner`, or `default`. */
function runnersOf(
  written: RunnerSetting,
  targets: readonly Target[],
  source: YamlSource,
  diagnostics: Diagnostic[],
): RunnerSetting {
  const given = targets.flatMap(({ runner, perPlatform = {} }) => [
    ...(runner === undefined ? [] : [runner]),
    ...Object.values(perPlatform).flatMap((own) => own.runner ?? []),
  ]);
  const platforms = targets.flatMap((target) => target.platforms.map(formatPlatform));
  const names = [...new Set(['default', ...given, ...platforms])];
  return Object.fromEntries(
    Object.entries(written).flatMap(([key, runsOn]) => {
      if (names.includes(key)) return [[key, runsOn] as const];
      const platform = readPlatform(key);
      if (!('message' in platform)) return [[formatPlatform(platform), runsOn] as const];
      const nearest = nearestName(key.slice(0, 64), names);
      const hint = nearest === undefined ? platform.hint : `did you mean ${nearest}?`;
      const message = `${JSON.stringify(key)} is no platform, and no target’s runner`;
      diagnostics.push(mistake('config.reference', placeOfKey(source, ['github', 'runners', key]), message, hint));
      return [];
    }),
  );
}

/** Hosts as references have them, Docker Hub’s other names made one. */
function credentialsOf(
  written: Readonly<Record<string, RegistryCredential>>,
  source: YamlSource,
  diagnostics: Diagnostic[],
): Readonly<Record<string, RegistryCredential>> {
  const made = new Map<string, RegistryCredential>();
  for (const [key, credential] of Object.entries(written)) {
    const path: Path = ['github', 'credentials', key];
    const host = hostOf(key);
    if (host === undefined) {
      const hint = 'name the host alone: ghcr.io, docker.io, registry.example:5000';
      diagnostics.push(
        mistake('config.invalid', placeOfKey(source, path), `${JSON.stringify(key)} is no registry`, hint),
      );
    } else if (made.has(host)) {
      diagnostics.push(
        mistake('config.collision', placeOfKey(source, path), `${host} stands here twice`, 'remove one'),
      );
    } else made.set(host, credential);
  }
  return Object.fromEntries(made);
}

function hostOf(text: string): string | undefined {
  try {
    const location = parseLocation(`${text}/a/b`);
    return location.kind === 'registry' && location.repository === 'a/b' ? location.host : undefined;
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    return undefined;
  }
}
