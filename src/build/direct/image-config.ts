/** An image's config (OCI image specification 1.1, config.md, with Docker's additions): read within bounds, written in one order. */
import { asRecord, invalid, optional, parseAnnotations } from '../../content/oci/descriptor.ts';
import { type Digest, parseDigest } from '../../content/oci/digest.ts';
import { parseJson } from '../../content/oci/json.ts';
import type { Platform } from '../../content/oci/platform.ts';

/** What a container that is made of the image does unless told otherwise. */
export interface ContainerConfig {
  readonly User?: string;
  readonly ExposedPorts?: readonly string[];
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: readonly string[];
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly ArgsEscaped?: boolean;
  readonly Healthcheck?: Readonly<Record<string, unknown>>;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
}

/** One line of an image's history; those that made no layer say so. */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** An image's config. */
export interface ImageConfig {
  readonly created?: string;
  readonly author?: string;
  readonly platform: Platform;
  readonly config: ContainerConfig;
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
}

/** The largest config that is read. */
export const maxConfigBytes = 8 * 1024 * 1024;

/** @throws FanfoldError `content.invalid` */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const field = asRecord(parseJson(bytes, 'the image config'), 'the image config');
  const rootfs = asRecord(field['rootfs'] ?? {}, 'config.rootfs');
  return {
    ...optional('created', textOf(field['created'], 'config.created')),
    ...optional('author', textOf(field['author'], 'config.author')),
    platform: platformOf(field),
    config: containerOf(asRecord(field['config'] ?? {}, 'config.config')),
    diffIds: (textsOf(rootfs['diff_ids'], 'config.rootfs.diff_ids') ?? []).map(parseDigest),
    history: listOf(field['history'], 'config.history').map(historyOf),
  };
}

/** The config's bytes: equal data gives equal bytes. Empty lists and maps are left out, as Go's programs do. */
export function serializeImageConfig(image: ImageConfig): Uint8Array {
  const { created, author, platform, config, diffIds, history } = image;
  return Buffer.from(
    JSON.stringify({
      created,
      author: filled(author),
      architecture: platform.architecture,
      ...optional('variant', platform.variant),
      os: platform.os,
      ...optional('os.version', platform['os.version']),
      ...optional('os.features', platform['os.features']),
      config: containerJson(config),
      rootfs: { type: 'layers', diff_ids: diffIds },
      history,
    }),
  );
}

function containerJson(config: ContainerConfig): Readonly<Record<string, unknown>> {
  return {
    User: filled(config.User),
    ExposedPorts: setOf(config.ExposedPorts),
    Env: filled(config.Env),
    Entrypoint: filled(config.Entrypoint),
    Cmd: filled(config.Cmd),
    Volumes: setOf(config.Volumes),
    WorkingDir: filled(config.WorkingDir),
    Labels: sortedRecord(config.Labels),
    StopSignal: filled(config.StopSignal),
    ArgsEscaped: config.ArgsEscaped === true ? true : undefined,
    Healthcheck: config.Healthcheck,
    OnBuild: filled(config.OnBuild),
    Shell: filled(config.Shell),
  };
}

function filled<T extends string | readonly string[]>(value: T | undefined): T | undefined {
  return value === undefined || value.length === 0 ? undefined : value;
}

function setOf(names: readonly string[] | undefined): Readonly<Record<string, object>> | undefined {
  if (names === undefined || names.length === 0) return undefined;
  return Object.fromEntries([...new Set(names)].sort().map((name) => [name, {}]));
}

function sortedRecord(
  record: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> | undefined {
  const entries = Object.entries(record ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function containerOf(field: Readonly<Record<string, unknown>>): ContainerConfig {
  const where = (name: string): string => `config.config.${name}`;
  const text = <N extends keyof ContainerConfig>(name: N) => optional(name, textOf(field[name], where(name)));
  const texts = <N extends keyof ContainerConfig>(name: N) => optional(name, textsOf(field[name], where(name)));
  const set = <N extends keyof ContainerConfig>(name: N) => optional(name, namesOf(field[name], where(name)));
  const health = field['Healthcheck'];
  return {
    ...text('User'),
    ...set('ExposedPorts'),
    ...texts('Env'),
    ...texts('Entrypoint'),
    ...texts('Cmd'),
    ...set('Volumes'),
    ...text('WorkingDir'),
    ...optional('Labels', parseAnnotations(field['Labels'], where('Labels'))),
    ...text('StopSignal'),
    ...optional('ArgsEscaped', field['ArgsEscaped'] === true ? true : undefined),
    ...optional('Healthcheck', isNothing(health) ? undefined : asRecord(health, where('Healthcheck'))),
    ...texts('OnBuild'),
    ...texts('Shell'),
  };
}

function platformOf(field: Readonly<Record<string, unknown>>): Platform {
  return {
    architecture: textOf(field['architecture'], 'config.architecture') ?? '',
    os: textOf(field['os'], 'config.os') ?? '',
    ...optional('variant', textOf(field['variant'], 'config.variant')),
    ...optional('os.version', textOf(field['os.version'], 'config.os.version')),
    ...optional('os.features', textsOf(field['os.features'], 'config.os.features')),
  };
}

function historyOf(value: unknown, place: number): HistoryEntry {
  const where = `config.history[${place}]`;
  const field = asRecord(value, where);
  const text = <N extends keyof HistoryEntry>(name: N) => optional(name, textOf(field[name], `${where}.${name}`));
  return {
    ...text('created'),
    ...text('created_by'),
    ...text('author'),
    ...text('comment'),
    ...optional('empty_layer', field['empty_layer'] === true ? true : undefined),
  };
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function textOf(value: unknown, where: string): string | undefined {
  if (isNothing(value)) return undefined;
  if (typeof value !== 'string') throw invalid(where, 'a string');
  return value === '' ? undefined : value;
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (isNothing(value)) return [];
  if (!Array.isArray(value)) throw invalid(where, 'a list');
  return value;
}

function textsOf(value: unknown, where: string): readonly string[] | undefined {
  if (isNothing(value)) return undefined;
  const list = listOf(value, where);
  if (!list.every((item): item is string => typeof item === 'string')) throw invalid(where, 'a list of strings');
  return list;
}

function namesOf(value: unknown, where: string): readonly string[] | undefined {
  return isNothing(value) ? undefined : Object.keys(asRecord(value, where));
}
