/** Plain YAML to its tree in one pass, many times as fast as a whole parser: all that is unusual or wrong is left to that one. */
import { type Entry, listNode, mapNode } from './nodes.ts';
import type { YamlNode, YamlScalar } from './yaml.ts';

const maxDepth = 60;
const maxNodes = 200_000;
const maxKeyLength = 200;

/**
 * The tree of a text of one document that is nothing but maps and lists (by indent, or in brackets), scalars of one line and `|` blocks;
 * undefined for any other: with anchors, tags, merges, keys given twice, or a mistake. Every place is `base` characters further.
 */
export function readPlainYaml(text: string, base = 0): YamlNode | undefined {
  // Carriage returns end lines, and a byte order mark begins a file: neither is plain.
  if (/[^\P{Cc}\n\t]|\ufeff/u.test(text)) return undefined;
  try {
    const root = new PlainReader(text, base).read();
    return root.size > maxNodes ? undefined : root;
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

/** What the whole parser is for. */
class Unusual extends Error {}

// Each form is matched where the reader stands, and nothing is made of a match: a large file is thousands of them.
const head = /(?: *(?:#.*)?\n)*---\n/y;
const anotherDocument = /\n(?:---|\.\.\.)/g;
/** Empty lines and comments, then the indent of a line that says something. */
const gap = /(?: *(?:#.*)?\n)* *(?:#.*$)?/y;
const lineEnd = / *(?:\n|$|(?<= )#.*(?:\n|$))/y;
const dash = /- +(?=[^\s#])/y;
const key = /(?:[\w./][\w./-]{0,200}|"[^"\\\n\t]{1,200}"|'[^'\n\t]{1,200}')(?=:[ \n])/y;
/** Words of a plain scalar hold no `: ` and begin with no `#`. */
const plain = /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=\S))(?:[^\s:]|:(?=\S))*(?: +(?:[^\s:#]|:(?=\S))(?:[^\s:]|:(?=\S))*)*/y;
const plainInBrackets =
  /(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|-(?=[\w./]))(?:[^\s:,[\]{}]|:(?=[^\s,[\]{}]))*(?: +(?:[^\s:#,[\]{}]|:(?=[^\s,[\]{}]))(?:[^\s:,[\]{}]|:(?=[^\s,[\]{}]))*)*/y;
const singleQuoted = /'(?:[^'\n]|'')*'/y;
/** With JSON's escapes, which YAML has, too. */
const doubleQuoted = /"(?:[^"\\\n\t]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const blockHead = /\|-?\n *(?=[^ \n])/y;
const spaces = / */y;
const whiteSpace = /[ \n\t]*/y;

/** Holds the place in the text. */
class PlainReader {
  private readonly text: string;
  private readonly base: number;
  private at = 0;
  /** That of the next line's first character; -1 behind the last line. */
  private column = 0;

  constructor(text: string, base: number) {
    this.text = text;
    this.base = base;
  }

  read(): YamlNode {
    this.skip(head);
    anotherDocument.lastIndex = Math.max(0, this.at - 1);
    if (anotherDocument.test(this.text)) throw new Unusual();
    this.nextLine();
    // Only at the root may brackets go over lines: elsewhere their indent would count.
    const isBracket = this.isNext('[') || this.isNext('{');
    const root = isBracket ? this.brackets(whiteSpace, 0) : this.block(0);
    if (isBracket) this.endLine();
    if (this.column >= 0) throw new Unusual();
    return root;
  }

  private isNext(character: string): boolean {
    return this.text.charAt(this.at) === character;
  }

  private skip(form: RegExp): boolean {
    form.lastIndex = this.at;
    const isThere = form.test(this.text);
    if (isThere) this.at = form.lastIndex;
    return isThere;
  }

  private is(form: RegExp): boolean {
    form.lastIndex = this.at;
    return form.test(this.text);
  }

  private need(form: RegExp): void {
    if (!this.skip(form)) throw new Unusual();
  }

  private nextLine(): void {
    this.need(gap);
    this.column = this.at === this.text.length ? -1 : this.at - this.text.lastIndexOf('\n', this.at - 1) - 1;
  }

  private endLine(): void {
    this.need(lineEnd);
    this.nextLine();
  }

  /** A map or a list that begins in a line of its own. */
  private block(depth: number): YamlNode {
    return this.isNext('-') ? this.list(depth) : this.map(depth);
  }

  private list(depth: number): YamlNode {
    if (depth > maxDepth) throw new Unusual();
    const { at: start, column } = this;
    const items: YamlNode[] = [];
    while (this.column === column && this.isNext('-')) {
      const { at } = this;
      this.need(dash);
      this.column = column + this.at - at;
      if (this.isNext('-') && this.text.charAt(this.at + 1) === ' ') items.push(this.list(depth + 1));
      else items.push(this.is(key) ? this.map(depth + 1) : this.value(column, depth));
    }
    if (this.column > column) throw new Unusual();
    return listNode(items, this.base + start);
  }

  private map(depth: number): YamlNode {
    if (depth > maxDepth) throw new Unusual();
    const { at: start, column } = this;
    const entries = new Map<string, Entry>();
    while (this.column === column && !this.isNext('-')) {
      const { at } = this;
      this.need(key);
      const name = this.text.slice(at, this.at);
      this.at++;
      this.add(entries, /^["']/.test(name) ? name.slice(1, -1) : name, {
        keyAt: this.base + at,
        value: this.entryValue(this.base + at, column, depth),
      });
    }
    if (this.column > column || entries.size === 0) throw new Unusual();
    return mapNode(entries, this.base + start);
  }

  private add(entries: Map<string, Entry>, name: string, entry: Entry): void {
    if (name === '' || name === '<<' || name === '__proto__' || entries.has(name)) throw new Unusual();
    entries.set(name, entry);
  }

  private entryValue(keyAt: number, column: number, depth: number): YamlNode {
    if (!this.skip(lineEnd)) {
      this.skip(spaces);
      return this.value(column, depth);
    }
    this.nextLine();
    if (this.column > column || (this.column === column && this.isNext('-'))) return this.block(depth + 1);
    return { kind: 'scalar', at: keyAt, value: null, text: '', isBlock: false, size: 1 };
  }

  /** What stands behind a key or a dash of `column`, to the end of its line. */
  private value(column: number, depth: number): YamlNode {
    if (this.isNext('|')) return this.textBlock(column);
    const isBracket = this.isNext('[') || this.isNext('{');
    const value = isBracket ? this.brackets(spaces, depth + 1) : this.scalar(plain);
    this.endLine();
    return value;
  }

  private scalar(plainForm: RegExp): YamlScalar {
    const { at } = this;
    const quote = this.text.charAt(at);
    if (quote === '"') {
      this.need(doubleQuoted);
      const inner = this.text.slice(at + 1, this.at - 1);
      return this.textAt(at, inner.includes('\\') ? (JSON.parse(`"${inner}"`) as string) : inner);
    }
    if (quote === "'") {
      this.need(singleQuoted);
      return this.textAt(at, this.text.slice(at + 1, this.at - 1).replaceAll("''", "'"));
    }
    this.need(plainForm);
    const text = this.text.slice(at, this.at);
    return { kind: 'scalar', at: this.base + at, value: plainValue(text), text, isBlock: false, size: 1 };
  }

  private textAt(at: number, text: string, isBlock = false): YamlScalar {
    return { kind: 'scalar', at: this.base + at, value: text, text, isBlock, size: 1 };
  }

  /** `|` or `|-`, its lines indented further than `column`. */
  private textBlock(column: number): YamlScalar {
    const { at } = this;
    this.need(blockHead);
    const first = this.text.lastIndexOf('\n', this.at - 1) + 1;
    const indent = this.text.slice(first, this.at);
    if (indent.length <= column) throw new Unusual();
    const lines: string[] = [];
    for (this.at = first; this.at < this.text.length; ) {
      const end = this.text.indexOf('\n', this.at);
      const line = this.text.slice(this.at, end);
      const isEmpty = line.trim() === '';
      if (end < 0 || (isEmpty && line !== '')) throw new Unusual();
      if (!isEmpty && !line.startsWith(indent)) break;
      lines.push(line.slice(indent.length));
      this.at = end + 1;
    }
    this.nextLine();
    const text = lines.join('\n').replace(/\n+$/, '');
    return this.textAt(at, this.text.charAt(at + 1) === '-' ? text : `${text}\n`, true);
  }

  /** A list or a map in brackets; `between` is what may stand between its parts. */
  private brackets(between: RegExp, depth: number): YamlNode {
    if (depth > maxDepth) throw new Unusual();
    const { at } = this;
    const isMap = this.isNext('{');
    const close = isMap ? '}' : ']';
    const entries = new Map<string, Entry>();
    const items: YamlNode[] = [];
    this.at++;
    for (this.skip(between); !this.isNext(close); this.skip(between)) {
      if (isMap) this.entryInBrackets(entries, between, depth);
      else items.push(this.valueInBrackets(between, depth));
      this.skip(between);
      if (this.isNext(',')) this.at++;
      else if (!this.isNext(close)) throw new Unusual();
    }
    this.at++;
    return isMap ? mapNode(entries, this.base + at) : listNode(items, this.base + at);
  }

  private entryInBrackets(entries: Map<string, Entry>, between: RegExp, depth: number): void {
    const isQuoted = this.isNext('"') || this.isNext("'");
    const { text, at: keyAt } = this.scalar(plainInBrackets);
    if (!this.isNext(':') || text.length > maxKeyLength) throw new Unusual();
    this.at++;
    if (!isQuoted && !this.isNext(' ')) throw new Unusual();
    this.skip(between);
    this.add(entries, text, { keyAt, value: this.valueInBrackets(between, depth) });
  }

  private valueInBrackets(between: RegExp, depth: number): YamlNode {
    const isBracket = this.isNext('[') || this.isNext('{');
    return isBracket ? this.brackets(between, depth + 1) : this.scalar(plainInBrackets);
  }
}

/** YAML 1.2's core schema (10.3.2), as `yaml` reads it. */
function plainValue(text: string): string | number | boolean | null {
  if (!/^[-+.\dnNtTfF~]/.test(text)) return text;
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null;
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase() === 'true';
  if (/^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text) || /^[-+]?[0-9]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}
