/** A Compose file's services that are built, to targets (Compose specification, build section). */
import { posix } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { dockerfilePath } from './bake.ts';
import { interpolate } from './compose-variables.ts';
import { imageFields, type TopFields } from './image-names.ts';
import type { MadeTarget } from './made-target.ts';
import { childOf, itemsOf, listNode, mapNode, mapOf, textNode, textOf } from './nodes.ts';
import { mistake } from './source.ts';
import type { SourceFile } from './source-file.ts';
import type { YamlMap, YamlNode } from './yaml.ts';

/** The targets of a Compose file that stands in `folder`, relative to the family's root. */
export function composeTargets(
  file: SourceFile,
  folder: string,
  top: TopFields,
  diagnostics: Diagnostic[],
): readonly MadeTarget[] {
  const services = childOf(file.root, 'services');
  if (services?.kind !== 'map') {
    diagnostics.push(mistake('config.invalid', file.place(file.root?.at ?? 0), `${file.name} has no services`));
    return [];
  }
  const tellLeftOut = (node: YamlNode | undefined, what: string): void => {
    if (node === undefined) return;
    const hint = 'save what docker compose config prints, and name that file';
    diagnostics.push({
      ...mistake('config.unknown', file.place(node.at), `${what} is not read`, hint),
      severity: 'warning',
    });
  };
  tellLeftOut(childOf(file.root, 'include'), 'what a Compose file includes');
  return [...services.entries].flatMap(([name, { keyAt, value }]) => {
    const build = childOf(value, 'build');
    if (build === undefined)
      tellLeftOut(childOf(value, 'extends'), `what service ${name} extends, which may have a build,`);
    if (build === undefined || value.kind !== 'map') return [];
    const reader = new ServiceReader(interpolate(value, file, diagnostics), folder, file, diagnostics);
    return [{ name, nameAt: keyAt, node: reader.target(top), entriesAt: [] }];
  });
}

/** Fields of `build` that mean the same here. */
const same: Readonly<Record<string, string>> = {
  target: 'target',
  network: 'network',
  platforms: 'platforms',
  cache_from: 'cache-from',
  cache_to: 'cache-to',
};
const read = [
  'context',
  'dockerfile',
  'args',
  'labels',
  'additional_contexts',
  'tags',
  'secrets',
  'ssh',
  'sbom',
  'provenance',
];
const beside = ['no_cache', 'no_cache_filter', 'pull', 'isolation'];

/** Reads one service. */
class ServiceReader {
  private readonly service: YamlNode;
  private readonly folder: string;
  private readonly file: SourceFile;
  private readonly diagnostics: Diagnostic[];

  constructor(service: YamlNode, folder: string, file: SourceFile, diagnostics: Diagnostic[]) {
    this.service = service;
    this.folder = folder;
    this.file = file;
    this.diagnostics = diagnostics;
  }

  target(top: TopFields): YamlMap {
    const written = childOf(this.service, 'build');
    const at = written?.at ?? 0;
    const build = written?.kind === 'map' ? written : mapOf(written === undefined ? [] : [['context', written]], at);
    this.tellUnknown(build);
    const image = childOf(this.service, 'image');
    const references = [...(image === undefined ? [] : [image]), ...itemsOf(childOf(build, 'tags'))];
    return mapNode(
      new Map(
        [
          ...this.paths(build),
          ...Object.entries(same).flatMap(([key, name]) => this.plain(build, key, name)),
          ...this.platform(build),
          ...this.pairs(build, 'args', 'args'),
          ...this.pairs(build, 'labels', 'labels'),
          ...this.contexts(build),
          ...this.secrets(build),
          ...imageFields(references, top, this.file.place, this.diagnostics),
        ].map(([key, value]) => [key, { keyAt: value.at, value }]),
      ),
      at,
    );
  }

  private paths(build: YamlMap): readonly (readonly [string, YamlNode])[] {
    const [context, dockerfile] = [childOf(build, 'context'), childOf(build, 'dockerfile')];
    const folder = this.path(textOf(context) ?? '.');
    const file = textOf(dockerfile);
    const at = context?.at ?? build.at;
    return [
      ['context', textNode(folder, at)],
      ...(file === undefined || dockerfile === undefined
        ? []
        : [['dockerfile', textNode(dockerfilePath(folder, file), dockerfile.at)] as const]),
    ];
  }

  private path(written: string): string {
    const isElsewhere = posix.isAbsolute(written) || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(written);
    return isElsewhere ? written : posix.join(this.folder === '' ? '.' : this.folder, written);
  }

  private plain(build: YamlMap, key: string, name: string): readonly (readonly [string, YamlNode])[] {
    const value = childOf(build, key);
    return value === undefined || (value.kind === 'scalar' && value.value === null) ? [] : [[name, value]];
  }

  /** A service runs, and is built, on its own platform where its build names none. */
  private platform(build: YamlMap): readonly (readonly [string, YamlNode])[] {
    const platform = childOf(this.service, 'platform');
    if (textOf(platform) === undefined || platform === undefined || childOf(build, 'platforms') !== undefined)
      return [];
    return [['platforms', listNode([platform], platform.at)]];
  }

  /** A map, or a list of `KEY=VALUE`; a key without a value is taken from the environment, which none is here. */
  private pairs(build: YamlMap, key: string, name: string): readonly (readonly [string, YamlNode])[] {
    const value = childOf(build, key);
    if (value === undefined) return [];
    const entries = pairsOf(value).filter(([entry, node]) => {
      if (node !== undefined) return true;
      const message = `${key} ${entry} has no value: what the environment gives cannot be keyed`;
      this.diagnostics.push(mistake('config.invalid', this.file.place(value.at), message, 'write its value'));
      return false;
    });
    const given = entries.flatMap(([entry, node]) => (node === undefined ? [] : [[entry, node] as const]));
    return given.length === 0 ? [] : [[name, mapOf(given, value.at)]];
  }

  private contexts(build: YamlMap): readonly (readonly [string, YamlNode])[] {
    const value = childOf(build, 'additional_contexts');
    if (value === undefined) return [];
    const entries = pairsOf(value).flatMap(([name, node]) => {
      const text = textOf(node);
      if (node === undefined || text === undefined) return [];
      const named = text.startsWith('service:') ? `target:${text.slice(8)}` : this.path(text);
      return [[name, textNode(named, node.at)] as const];
    });
    return entries.length === 0 ? [] : [['contexts', mapOf(entries, value.at)]];
  }

  /** Names of the file's own `secrets`, with where each comes from. */
  private secrets(build: YamlMap): readonly (readonly [string, YamlNode])[] {
    const value = childOf(build, 'secrets');
    if (value === undefined) return [];
    const items = itemsOf(value).map((item) => {
      const source = textOf(item) ?? textOf(childOf(item, 'source')) ?? '';
      const id = textOf(childOf(item, 'target')) ?? source;
      const origin = childOf(childOf(this.file.root, 'secrets'), source);
      const [path, variable] = [textOf(childOf(origin, 'file')), textOf(childOf(origin, 'environment'))];
      const from = path !== undefined ? `,src=${this.path(path)}` : variable !== undefined ? `,env=${variable}` : '';
      return textNode(`id=${id}${from}`, item.at);
    });
    return [['secret', listNode(items, value.at)]];
  }

  private tellUnknown(build: YamlMap): void {
    const extended = childOf(this.service, 'extends');
    if (extended !== undefined) {
      const hint = 'save what docker compose config prints, and name that file';
      this.diagnostics.push(
        mistake('config.invalid', this.file.place(extended.at), 'what a service extends is not read', hint),
      );
    }
    for (const [key, { keyAt }] of build.entries) {
      if (Object.hasOwn(same, key) || [...read, ...beside].includes(key)) continue;
      const place = this.file.place(keyAt);
      if (key === 'dockerfile_inline')
        this.diagnostics.push(
          mistake(
            'config.invalid',
            place,
            'a Dockerfile inside of the Compose file cannot be keyed',
            'put it into a file',
          ),
        );
      else
        this.diagnostics.push({
          ...mistake('config.unknown', place, `${JSON.stringify(key)} of a build is left out`),
          severity: 'warning',
        });
    }
  }
}

function pairsOf(node: YamlNode): readonly (readonly [string, YamlNode | undefined])[] {
  if (node.kind === 'map')
    return [...node.entries].map(([key, { value }]) => [key, textOf(value) === undefined ? undefined : value]);
  return itemsOf(node).map((item) => {
    const text = textOf(item) ?? '';
    const equals = text.indexOf('=');
    return equals < 0 ? [text, undefined] : [text.slice(0, equals), textNode(text.slice(equals + 1), item.at)];
  });
}
