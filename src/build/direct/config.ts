/** The instructions that change an image's config, as BuildKit carries them out. */
import { posix } from 'node:path';
import type { Platform } from '../../content/oci/platform.ts';
import type { CommandLine, Healthcheck, Pair, Step } from '../../source/dockerfile/step.ts';
import type { ContainerConfig, HistoryEntry, ImageConfig } from './image-config.ts';

/** An image's config on its way through a stage. */
export interface ImageDraft {
  readonly image: ImageConfig;
  /** Whether this stage has a CMD, which its ENTRYPOINT then leaves alone. */
  readonly hasCmd: boolean;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const defaultShell: readonly string[] = ['/bin/sh', '-c'];

/** What FROM starts with: the base's config without its ONBUILD, else an empty one; PATH is always set. */
export function startImage(base: ImageConfig | undefined, platform: Platform): ImageDraft {
  const { OnBuild: _, ...config } = base?.config ?? { WorkingDir: '/' };
  const env = config.Env ?? [];
  const hasPath = env.some((variable) => nameOf(variable) === 'PATH');
  const { created: __, ...image } = base ?? { platform, diffIds: [], history: [] };
  return {
    image: { ...image, config: { ...config, Env: hasPath ? env : [...env, `PATH=${defaultPath}`] } },
    hasCmd: false,
  };
}

/**
 * What a step makes of the config, history included; the diffID of a layer comes later.
 */
export function applyToConfig(draft: ImageDraft, step: Step, created: string): ImageDraft {
  const { image, hasCmd } = draft;
  const config = changedConfig(image.config, step, hasCmd);
  const author = step.action.kind === 'maintainer' ? { author: step.action.name } : {};
  const line = step.action.kind === 'onbuild' ? [] : [historyLine(step, config, created)];
  return {
    image: { ...image, ...author, config, history: [...image.history, ...line] },
    hasCmd: hasCmd || step.action.kind === 'cmd',
  };
}

/** The working directory that paths are relative to. */
export function workingFolder(config: ContainerConfig): string {
  return posix.join('/', config.WorkingDir ?? '/');
}

function changedConfig(config: ContainerConfig, step: Step, hasCmd: boolean): ContainerConfig {
  const { action } = step;
  switch (action.kind) {
    case 'env':
      return { ...config, Env: action.pairs.reduce(withVariable, config.Env ?? []) };
    case 'label':
      return {
        ...config,
        Labels: { ...config.Labels, ...Object.fromEntries(action.pairs.map(({ name, value }) => [name, value])) },
      };
    case 'cmd':
      return { ...config, Cmd: argvOf(action.command, config), ArgsEscaped: true };
    case 'entrypoint': {
      const { Cmd: _, ...rest } = config;
      return { ...(hasCmd ? config : rest), Entrypoint: argvOf(action.command, config) };
    }
    case 'shell':
      return { ...config, Shell: action.argv };
    case 'expose':
      return { ...config, ExposedPorts: [...(config.ExposedPorts ?? []), ...action.ports] };
    case 'volume':
      return { ...config, Volumes: [...(config.Volumes ?? []), ...action.paths] };
    case 'user':
      return { ...config, User: action.user };
    case 'workdir':
      return { ...config, WorkingDir: posix.resolve(workingFolder(config), action.path) };
    case 'stopsignal':
      return { ...config, StopSignal: action.signal };
    case 'healthcheck':
      return { ...config, Healthcheck: healthcheckOf(action.healthcheck) };
    case 'onbuild':
      return { ...config, OnBuild: [...(config.OnBuild ?? []), action.expression] };
    case 'maintainer':
    case 'arg':
    case 'copy':
    case 'add':
    case 'run':
      return config;
    default:
      return action satisfies never;
  }
}

function historyLine(step: Step, config: ContainerConfig, created: string): HistoryEntry {
  const { kind } = step.action;
  const makesLayer = kind === 'copy' || kind === 'add' || (kind === 'workdir' && config.WorkingDir !== '/');
  return {
    created,
    created_by: step.instruction.source,
    comment: 'fanfold.direct.v1',
    ...(makesLayer ? {} : { empty_layer: true }),
  };
}

function withVariable(env: readonly string[], { name, value }: Pair): readonly string[] {
  const at = env.findIndex((variable) => nameOf(variable) === name);
  const variable = `${name}=${value}`;
  return at < 0 ? [...env, variable] : env.with(at, variable);
}

function nameOf(variable: string): string {
  const equals = variable.indexOf('=');
  return equals < 0 ? variable : variable.slice(0, equals);
}

function argvOf(command: CommandLine, config: ContainerConfig): readonly string[] {
  if (command.form === 'exec') return command.argv;
  const shell = config.Shell === undefined || config.Shell.length === 0 ? defaultShell : config.Shell;
  return [...shell, command.text];
}

function healthcheckOf(healthcheck: Healthcheck): Readonly<Record<string, unknown>> {
  if (healthcheck.kind === 'none') return { Test: ['NONE'] };
  const { command, intervalNs, timeoutNs, startPeriodNs, startIntervalNs, retries } = healthcheck;
  const test = command.form === 'exec' ? ['CMD', ...command.argv] : ['CMD-SHELL', command.text];
  const given = (name: string, value: number) => (value === 0 ? {} : { [name]: value });
  return {
    Test: test,
    ...given('Interval', intervalNs),
    ...given('Timeout', timeoutNs),
    ...given('StartPeriod', startPeriodNs),
    ...given('StartInterval', startIntervalNs),
    ...given('Retries', retries),
  };
}
