/** As much of TOML (v1.0.0) as manifests of Cargo are made of: tables, dotted keys, strings, lists and inline tables. */
import { Undecided } from './attempt.ts';

/** A table. */
export type TomlTable = { readonly [key: string]: unknown };

type Table = Record<string, unknown>;

const maxDepth = 64;

/** Parses a document. Numbers, dates and booleans are given as they are written. @throws Undecided where it is malformed */
export function parseToml(text: string): TomlTable {
  return new TomlReader(text).document();
}

/** Walks over the text. */
class TomlReader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text.replace(/^\uFEFF/, '');
  }

  document(): TomlTable {
    const root = emptyTable();
    let table = root;
    for (this.space(true); this.at < this.text.length; this.space(true)) {
      if (this.take('[[')) {
        const path = this.keys();
        this.expect(']]');
        table = appendTable(root, path);
      } else if (this.take('[')) {
        const path = this.keys();
        this.expect(']');
        table = tableAt(root, path);
      } else {
        this.pair(table, 0);
      }
    }
    return root;
  }

  private pair(table: Table, depth: number): void {
    const path = this.keys();
    this.expect('=');
    const last = path.at(-1) ?? '';
    tableAt(table, path.slice(0, -1))[last] = this.value(depth);
  }

  private keys(): readonly string[] {
    const keys: string[] = [];
    do {
      this.space(false);
      const quote = this.text[this.at];
      if (quote === '"' || quote === "'") keys.push(this.string());
      else keys.push(this.word(/[A-Za-z0-9_-]+/y));
      this.space(false);
    } while (this.take('.'));
    return keys;
  }

  private value(depth: number): unknown {
    if (depth > maxDepth) throw this.wrong();
    this.space(false);
    const next = this.text[this.at];
    if (next === '"' || next === "'") return this.string();
    if (this.take('[')) return this.list(depth);
    if (this.take('{')) return this.inline(depth);
    return this.word(/[^\s,\]}#]+/y);
  }

  private list(depth: number): readonly unknown[] {
    const items: unknown[] = [];
    for (this.space(true); !this.take(']'); this.space(true)) {
      items.push(this.value(depth + 1));
      this.space(true);
      if (!this.take(',') && this.text[this.at] !== ']') throw this.wrong();
    }
    return items;
  }

  private inline(depth: number): Table {
    const table = emptyTable();
    for (this.space(true); !this.take('}'); this.space(true)) {
      this.pair(table, depth + 1);
      this.space(true);
      if (!this.take(',') && this.text[this.at] !== '}') throw this.wrong();
    }
    return table;
  }

  private string(): string {
    const quote = this.text.slice(this.at, this.at + 3);
    const isLong = quote === '"""' || quote === "'''";
    const mark = isLong ? quote : (this.text[this.at] ?? '');
    const start = this.at + mark.length;
    for (let end = start; end < this.text.length; end++) {
      if (mark.startsWith('"') && this.text[end] === '\\') end += 1;
      else if (this.text.startsWith(mark, end)) {
        this.at = end + mark.length;
        const inner = this.text.slice(start, end);
        return mark.startsWith('"') ? unescaped(inner) : inner;
      } else if (!isLong && this.text[end] === '\n') break;
    }
    throw this.wrong();
  }

  private word(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) throw this.wrong();
    this.at += found.length;
    return found;
  }

  private space(lines: boolean): void {
    const pattern = lines ? /(?:[ \t\r\n]|#[^\n]*)*/y : /[ \t]*/y;
    pattern.lastIndex = this.at;
    this.at += pattern.exec(this.text)?.[0].length ?? 0;
  }

  private take(mark: string): boolean {
    if (!this.text.startsWith(mark, this.at)) return false;
    this.at += mark.length;
    return true;
  }

  private expect(mark: string): void {
    this.space(false);
    if (!this.take(mark)) throw this.wrong();
  }

  private wrong(): Undecided {
    return new Undecided(`a TOML file is malformed in line ${this.text.slice(0, this.at).split('\n').length}`);
  }
}

function emptyTable(): Table {
  return Object.create(null) as Table;
}

function tableAt(root: Table, path: readonly string[]): Table {
  let table = root;
  for (const key of path) {
    const there: unknown = table[key];
    const next: unknown = Array.isArray(there) ? there.at(-1) : there;
    if (next === undefined) table = addTable(table, key);
    else if (typeof next === 'object' && next !== null) table = next as Table;
    else throw new Undecided(`${path.join('.')} is no table`);
  }
  return table;
}

function addTable(table: Table, key: string): Table {
  const made = emptyTable();
  table[key] = made;
  return made;
}

function appendTable(root: Table, path: readonly string[]): Table {
  const above = tableAt(root, path.slice(0, -1));
  const last = path.at(-1) ?? '';
  const list = above[last];
  const made = emptyTable();
  above[last] = Array.isArray(list) ? [...list, made] : [made];
  return made;
}

function unescaped(text: string): string {
  return text.replace(/\\(["\\])/g, '$1');
}
