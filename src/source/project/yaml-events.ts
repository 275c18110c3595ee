/** Usual YAML to its tree by js-yaml's events, several times as fast as by `yaml`: all that is unusual or wrong is left to that one. */
import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import { type Entry, listNode, mapNode } from './nodes.ts';
import type { YamlNode, YamlScalar } from './yaml.ts';

const maxDepth = 60;
const maxEvents = 200_000;

/**
 * The tree of a text of one document without anchors, tags, merges or mistakes; undefined for any other. Every place is `base` characters
 * further.
 */
export function readYamlEvents(text: string, base: number): YamlNode | undefined {
  // A carriage return ends lines here and not there: places would differ.
  if (text.includes('\r') || text.startsWith('\uFEFF')) return undefined;
  try {
    const events = parseEvents(text, { maxDepth });
    const isOne = events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length === 1;
    return isOne && events.length < maxEvents ? new EventReader(text, events, base).read() : undefined;
  } catch {
    return undefined;
  }
}

/** What the thorough reader is for. */
class Unusual extends Error {}

/** Holds the place in the events. */
class EventReader {
  private readonly text: string;
  private readonly events: readonly Event[];
  private readonly base: number;
  private next = 1;

  constructor(text: string, events: readonly Event[], base: number) {
    this.text = text;
    this.events = events;
    this.base = base;
  }

  read(): YamlNode {
    return this.node(this.base);
  }

  /** `emptyAt` is where a value stands that is not written. */
  private node(emptyAt: number): YamlNode {
    const event = this.events[this.next++];
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) throw new Unusual();
    if (event.anchorStart >= 0 || event.type === EVENT_ID.ALIAS || event.tagStart >= 0) throw new Unusual();
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.scalar(event, emptyAt);
      case EVENT_ID.SEQUENCE:
        return this.list(this.base + event.start);
      case EVENT_ID.MAPPING:
        return this.map(this.base + event.start);
      default:
        return event satisfies never;
    }
  }

  private list(at: number): YamlNode {
    const items: YamlNode[] = [];
    while (!this.ends()) {
      // An item that is not written has its place behind its dash, which no event tells.
      const item = this.node(-1);
      if (item.at < 0) throw new Unusual();
      items.push(item);
    }
    return listNode(items, at);
  }

  private map(at: number): YamlNode {
    const entries = new Map<string, Entry>();
    let first: number | undefined;
    while (!this.ends()) {
      const key = this.node(at);
      const name = key.kind === 'scalar' ? key.text : '';
      if (name === '' || name === '<<' || name === '__proto__' || entries.has(name)) throw new Unusual();
      first ??= key.at;
      entries.set(name, { keyAt: key.at, value: this.node(key.at) });
    }
    // Where a key is marked by `?`, the map begins with that mark.
    if (this.text[at - this.base] !== '{' && at !== first) throw new Unusual();
    return mapNode(entries, at);
  }

  private ends(): boolean {
    if (this.events[this.next]?.type !== EVENT_ID.POP) return false;
    this.next++;
    return true;
  }

  private scalar(event: ScalarEvent, emptyAt: number): YamlScalar {
    if (event.valueStart < 0) return { kind: 'scalar', at: emptyAt, value: null, text: '', isBlock: false, size: 1 };
    const text = getScalarValue(this.text, event);
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const isPlain = event.style === SCALAR_STYLE.PLAIN;
    // Blocks and quotes begin with marks that the event leaves out.
    const start = isBlock ? this.headerOf(event) : isPlain ? event.valueStart : event.valueStart - 1;
    return { kind: 'scalar', at: this.base + start, value: isPlain ? plainValue(text) : text, text, isBlock, size: 1 };
  }

  /** Where a block's header (YAML 1.2, 8.1.1: `|-`) begins, at the end of the line before its text. */
  private headerOf({ valueStart }: ScalarEvent): number {
    const lineStart = this.text.lastIndexOf('\n', valueStart - 2) + 1;
    const line = this.text.slice(lineStart, valueStart - 1);
    const header = /[|>][-+]?$/.exec(line);
    // A comment may end like a header; what an indentation of its own means at the root, the two readers disagree on.
    if (header === null || line.includes('#')) throw new Unusual();
    return lineStart + header.index;
  }
}

/** YAML 1.2's core schema (10.3.2), as `yaml` reads it. */
function plainValue(text: string): string | number | boolean | null {
  if (/^(?:null|Null|NULL|~)$/.test(text)) return null;
  if (/^(?:true|True|TRUE|false|False|FALSE)$/.test(text)) return text.toLowerCase() === 'true';
  if (/^0o[0-7]+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text) || /^[-+]?[0-9]+$/.test(text)) return Number(text);
  if (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(text)) return Number(text);
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  return /^\.(?:nan|NaN|NAN)$/.test(text) ? Number.NaN : text;
}
