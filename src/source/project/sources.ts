/** `sources` of fanfold.yaml: each file read in place, its targets put beside those that are written, with their places. */
import { dirname, join, posix } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { bakeTargets } from './bake.ts';
import { composeTargets } from './compose.ts';
import { readYamlFast } from './fast-yaml.ts';
import type { TopFields } from './image-names.ts';
import type { MadeTarget } from './made-target.ts';
import { matrixTargets } from './matrix-file.ts';
import { childOf, type Entry, mapNode } from './nodes.ts';
import { overlayEach } from './overlay-each.ts';
import { plainPath } from './paths.ts';
import { readableSources, type WrittenSource } from './schema.ts';
import { mistake, nodeAt, placeAt, placeOfValue, toData } from './source.ts';
import { createSourceSet, type SourceFile, type SourceSet } from './source-file.ts';
import type { SourceReader } from './source-reader.ts';
import { isTextPath } from './written-keys.ts';
import type { YamlMap, YamlSource } from './yaml.ts';

/** A target that a source made. */
export interface SourcedTarget {
  readonly name: string;
  /** Its fields as they would be written in fanfold.yaml. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The entries that it is made of: the text that they stand in, and where each begins. */
  readonly entries: readonly { readonly text: string; readonly offset: number }[];
}

/** A family's source with the targets of all its sources in it. */
export interface WithSources {
  readonly source: YamlSource;
  readonly targets: readonly SourcedTarget[];
  readonly diagnostics: readonly Diagnostic[];
  /** The files that were named, as plain paths from the family's folder. */
  readonly files: readonly string[];
}

/** Reads the sources of a family. Every mistake is a diagnostic. */
export async function readSources(main: YamlSource, reader: SourceReader, cancel: Cancel): Promise<WithSources> {
  const diagnostics: Diagnostic[] = [];
  const set = createSourceSet(main);
  const top = { destinations: has(main, 'destinations'), tags: has(main, 'tags') };
  const made: MadeTarget[] = [];
  const files: string[] = [];
  for (const { index, source } of readableSources(main.root === undefined ? {} : toData(main.root, isTextPath))) {
    files.push(plainPath(fileOf(source)) ?? fileOf(source));
    const reading: Reading = { main, set, reader, index, top, diagnostics };
    made.push(...(await readOne(source, reading, cancel)));
  }
  const { root, added } = withTargets(main, set, made, diagnostics);
  const targets = added.map(({ name, node, entriesAt }) => ({
    name,
    get fields() {
      return toData(node, (path) => isTextPath(['targets', name, ...path])) as Readonly<Record<string, unknown>>;
    },
    get entries() {
      return entriesAt.map((at) => {
        const { source, offset } = set.locate(at);
        return { text: source.text, offset };
      });
    },
  }));
  return { source: { ...set.source, root }, targets, diagnostics, files: [...new Set(files)] };
}

function fileOf(source: WrittenSource): string {
  if ('matrix' in source) return source.matrix;
  return 'bake' in source ? source.bake : source.compose;
}

function has({ root }: YamlSource, key: string): boolean {
  return nodeAt(root, [key]) !== undefined;
}

interface Reading {
  readonly main: YamlSource;
  readonly set: SourceSet;
  readonly reader: SourceReader;
  /** The source's place among `sources`. */
  readonly index: number;
  readonly top: TopFields;
  readonly diagnostics: Diagnostic[];
}

async function readOne(source: WrittenSource, reading: Reading, cancel: Cancel): Promise<readonly MadeTarget[]> {
  const { main, index, top, diagnostics } = reading;
  const node = nodeAt(main.root, ['sources', index]);
  if (node === undefined) return [];
  if ('matrix' in source) {
    const file = await openFile(source.matrix, 'matrix', reading, cancel);
    return file === undefined ? [] : matrixTargets(file, { node, list: source.list ?? 'include' }, diagnostics);
  }
  const kind = 'bake' in source ? 'bake' : 'compose';
  const path = fileOf(source);
  const file = await openFile(path, kind, reading, cancel);
  if (file === undefined) return [];
  const folder = posix.dirname(plainPath(path) ?? '');
  const made =
    kind === 'bake'
      ? bakeTargets(file, top, diagnostics)
      : composeTargets(file, folder === '.' ? '' : folder, top, diagnostics);
  const each = childOf(node, 'each');
  return each === undefined ? made : overlayEach(made, each, file, diagnostics);
}

/** The file, read; undefined where it cannot be, or has a mistake of syntax. */
async function openFile(
  written: string,
  kind: 'matrix' | 'bake' | 'compose',
  { main, set, reader, index, diagnostics }: Reading,
  cancel: Cancel,
): Promise<SourceFile | undefined> {
  const place = placeOfValue(main, ['sources', index, kind]);
  const path = plainPath(written);
  if (path === undefined || path === '') {
    const message = `${JSON.stringify(written)} is no file in the folder of fanfold.yaml`;
    diagnostics.push(mistake('config.invalid', place, message, 'paths are relative to it and stay inside'));
    return undefined;
  }
  const isPrinted = kind === 'bake' && !path.endsWith('.json');
  try {
    const text = await (isPrinted ? reader.printBake(path, cancel) : reader.readText(path, cancel));
    const source = readYamlFast(text, join(dirname(main.file), path), set.end());
    diagnostics.push(...source.diagnostics);
    if (source.root === undefined || source.brokenAt !== undefined) return undefined;
    const at = nodeAt(main.root, ['sources', index, kind])?.at ?? 0;
    return isPrinted ? set.addMade(source, written, at) : set.add(source, written);
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    diagnostics.push(mistake('config.invalid', place, `${written} cannot be read: ${error.message}`, error.hint));
    return undefined;
  }
}

/** The root with `made` among its targets. A name that is taken is a mistake. */
function withTargets(
  main: YamlSource,
  set: SourceSet,
  made: readonly MadeTarget[],
  diagnostics: Diagnostic[],
): { readonly root: YamlMap; readonly added: readonly MadeTarget[] } {
  const rootEntries = main.root?.kind === 'map' ? main.root.entries : new Map<string, Entry>();
  const written = rootEntries.get('targets');
  const targets = new Map<string, Entry>(written?.value.kind === 'map' ? written.value.entries : []);
  const added = made.filter((target) => {
    const first = targets.get(target.name);
    if (first === undefined) {
      targets.set(target.name, { keyAt: target.node.at, value: target.node });
      return true;
    }
    const { file, line } = placeAt(set.source, first.keyAt);
    const message = `two targets are called ${JSON.stringify(target.name)}`;
    const hint = `the first is in line ${line} of ${posix.basename(file ?? '')}: give each a name of its own (name: in each)`;
    diagnostics.push(mistake('config.collision', placeAt(set.source, target.nameAt), message, hint));
    return false;
  });
  const at = written?.value.at ?? main.root?.at ?? 0;
  const isWrong = written !== undefined && written.value.kind !== 'map';
  const value = isWrong ? written.value : mapNode(targets, at);
  const entries = new Map([...rootEntries, ['targets', { keyAt: written?.keyAt ?? at, value }] as const]);
  return { root: mapNode(entries, main.root?.at ?? 0), added };
}
