/** YAML to a tree in which every key and value knows its place; bounded in size, depth and what aliases add up to. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, Scalar } from 'yaml';
import type { ErrorCode } from '../../base/errors/codes.ts';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';

/** A value of a YAML file. `at` is where it begins, in characters. */
export type YamlNode = YamlMap | YamlList | YamlScalar;

/** A map, merged keys (`<<`) among its entries with the place where they are written. */
export interface YamlMap {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: ReadonlyMap<string, { readonly keyAt: number; readonly value: YamlNode }>;
  readonly size: number;
}

/** A list. */
export interface YamlList {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly YamlNode[];
  readonly size: number;
}

/** A scalar: what YAML makes of it, and what stands there (`1.10` is the number 1.1). */
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: number;
  readonly value: string | number | boolean | null;
  readonly text: string;
  readonly isBlock: boolean;
  readonly size: 1;
}

/** A file's tree, absent where it is no YAML at all. */
export interface YamlSource {
  readonly file: string;
  readonly text: string;
  readonly root?: YamlNode;
  /** Where the first mistake of syntax is: what comes after it may have been misread. */
  readonly brokenAt?: number;
  readonly diagnostics: readonly Diagnostic[];
  /** Line and column, from 1; the file where it is another one (what is read from it lies behind this one's end). */
  position(offset: number): { readonly line: number; readonly column: number; readonly file?: string };
}

const maxNodes = 200_000;
const maxDepth = 64;

/** Reads a file's text; mistakes of syntax, keys given twice and aliases that lead nowhere or too far are its diagnostics. */
export function readYaml(text: string, file: string): YamlSource {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    merge: true,
    prettyErrors: false,
    strict: true,
    uniqueKeys: false,
  });
  const position = (offset: number): { line: number; column: number } => {
    const { line, col } = lineCounter.linePos(Math.min(offset, text.length));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const reader = new TreeReader(file, position, (node) => (isAlias(node) ? node.resolve(document) : undefined));
  const syntax = document.errors.map((error) =>
    error.code === 'MULTIPLE_DOCS'
      ? reader.diagnose('config.yaml', error.pos[0], 'a second document begins here', 'put all into one')
      : reader.diagnose('config.yaml', error.pos[0], plainMessage(error.message)),
  );
  const warnings = document.warnings.map((warning) =>
    reader.diagnose('config.yaml', warning.pos[0], plainMessage(warning.message)),
  );
  const root = document.contents === null ? nothing : reader.read(document.contents, 0);
  const offsets = document.errors.map((error) => error.pos[0]);
  return {
    file,
    text,
    position,
    diagnostics: [...syntax, ...warnings, ...reader.diagnostics],
    ...(root === undefined ? {} : { root }),
    ...(offsets.length === 0 ? {} : { brokenAt: Math.min(...offsets) }),
  };
}

const nothing: YamlNode = { kind: 'scalar', at: 0, value: null, text: '', isBlock: false, size: 1 };

function plainMessage(message: string): string {
  const [first = message] = message.split('\n');
  return `${first.charAt(0).toLowerCase()}${first.slice(1)}`.replace(/:$/, '');
}

/** Holds what one reading gathers: the diagnostics, and the nodes that aliases share. */
class TreeReader {
  readonly diagnostics: Diagnostic[] = [];
  private readonly file: string;
  private readonly position: YamlSource['position'];
  private readonly resolve: (alias: Node) => Node | undefined;
  private readonly done = new Map<Node, YamlNode | undefined>();
  private readonly open = new Set<Node>();

  constructor(file: string, position: YamlSource['position'], resolve: (alias: Node) => Node | undefined) {
    this.file = file;
    this.position = position;
    this.resolve = resolve;
  }

  diagnose(code: ErrorCode, at: number, message: string, hint?: string): Diagnostic {
    const place = { file: this.file, ...this.position(at) };
    return { code, severity: 'error', message, place, ...(hint === undefined ? {} : { hint }) };
  }

  read(node: Node, depth: number): YamlNode | undefined {
    if (isAlias(node)) return this.readAlias(node, depth);
    if (this.done.has(node)) return this.done.get(node);
    if (depth > maxDepth) return this.refuse(node, `this is nested more than ${maxDepth} deep`);
    this.open.add(node);
    const read = this.readFresh(node, depth);
    this.open.delete(node);
    const bounded = read === undefined || read.size <= maxNodes ? read : this.refuse(node, tooMuch);
    this.done.set(node, bounded);
    return bounded;
  }

  private readAlias(node: Node, depth: number): YamlNode | undefined {
    const anchored = this.resolve(node);
    if (anchored === undefined) return this.refuse(node, 'this alias names no anchor that stands before it');
    if (this.open.has(anchored)) return this.refuse(node, 'this alias stands inside of what it names');
    return this.read(anchored, depth);
  }

  private readFresh(node: Node, depth: number): YamlNode | undefined {
    const at = node.range?.[0] ?? 0;
    if (isMap(node)) return this.readMap(node.items, at, depth);
    if (isSeq(node)) return this.readList(node.items, at, depth);
    return isScalar(node) ? this.readScalar(node, at) : undefined;
  }

  private readScalar(node: Scalar, at: number): YamlNode {
    const { value, type, source } = node;
    const known = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return {
      kind: 'scalar',
      at,
      value: known,
      text: source ?? String(known ?? ''),
      isBlock: type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED,
      size: 1,
    };
  }

  private readList(items: readonly unknown[], at: number, depth: number): YamlNode {
    const read = items.flatMap((item) =>
      isYamlNode(item) ? (this.read(item, depth + 1) ?? []) : [{ ...nothing, at }],
    );
    return { kind: 'list', at, items: read, size: sizeOf(read) };
  }

  private readMap(pairs: readonly Pair[], at: number, depth: number): YamlNode {
    const own = new Map<string, { keyAt: number; value: YamlNode }>();
    const merged = new Map<string, { keyAt: number; value: YamlNode }>();
    for (const pair of pairs) {
      if (isMergeKey(pair.key)) for (const [key, entry] of this.mergedEntries(pair, depth)) merged.set(key, entry);
      else this.readPair(pair, own, depth);
    }
    const entries = new Map([...own, ...[...merged].filter(([key]) => !own.has(key))]);
    return { kind: 'map', at, entries, size: sizeOf([...entries.values()].map(({ value }) => value)) };
  }

  private readPair({ key, value }: Pair, own: Map<string, { keyAt: number; value: YamlNode }>, depth: number): void {
    const keyAt = isYamlNode(key) ? (key.range?.[0] ?? 0) : 0;
    const name = isScalar(key) ? (key.source ?? String(key.value ?? '')) : undefined;
    const first = name === undefined ? undefined : own.get(name);
    if (name === undefined) {
      this.diagnostics.push(this.diagnose('config.yaml', keyAt, 'a key must be plain text'));
    } else if (name === '__proto__') {
      this.diagnostics.push(this.diagnose('config.yaml', keyAt, 'a key cannot be called __proto__'));
    } else if (first !== undefined) {
      const hint = `remove one; the first is in line ${this.position(first.keyAt).line}`;
      this.diagnostics.push(this.diagnose('config.yaml', keyAt, `${JSON.stringify(name)} is given twice`, hint));
    } else {
      const read = isYamlNode(value) ? this.read(value, depth + 1) : { ...nothing, at: keyAt };
      const isNothing = read?.kind === 'scalar' && read.value === null && read.text === '';
      if (read !== undefined) own.set(name, { keyAt, value: isNothing ? { ...read, at: keyAt } : read });
    }
  }

  /** What `<<` brings: a map's entries, or several maps', the first of which wins. */
  private mergedEntries({ key, value }: Pair, depth: number): ReadonlyMap<string, { keyAt: number; value: YamlNode }> {
    const read = isYamlNode(value) ? this.read(value, depth + 1) : undefined;
    const maps = read?.kind === 'list' ? read.items : read === undefined ? [] : [read];
    const entries = new Map<string, { keyAt: number; value: YamlNode }>();
    for (const map of maps) {
      if (map.kind !== 'map') {
        const at = isYamlNode(key) ? (key.range?.[0] ?? 0) : 0;
        this.diagnostics.push(this.diagnose('config.yaml', at, '<< takes a map or a list of maps'));
      } else for (const [name, entry] of map.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    return entries;
  }

  private refuse(node: Node, message: string): undefined {
    this.diagnostics.push(this.diagnose('config.yaml', node.range?.[0] ?? 0, message));
    return undefined;
  }
}

const tooMuch = `aliases make more than ${maxNodes} values of this`;

function sizeOf(nodes: readonly YamlNode[]): number {
  return nodes.reduce((sum, { size }) => Math.min(sum + size, maxNodes + 1), 1);
}

function isYamlNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.type === Scalar.PLAIN && (key.source ?? key.value) === '<<';
}
