// A job's log as the runner makes it: workflow commands carried out, secrets hidden, annotations kept.

import type { Masks } from './masks.ts';

/** A mistake at its place, as a step told it. */
export interface Annotation {
  readonly kind: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/** What the steps of a job write to. */
export interface JobLog {
  /** Takes a line that a step wrote. */
  stepLine(line: string): void;
  /** Takes a line of the runner's own. */
  runnerLine(line: string): void;
  /** Forgets a token of `stop-commands`: it holds for one step. */
  stepEnds(): void;
  text(): string;
  readonly annotations: readonly Annotation[];
  /** Problem matchers that steps asked for, by file. */
  readonly matchers: readonly string[];
  /** Lines in which a step wrote a secret as it is: hidden in the log, and a mistake all the same. */
  readonly leaks: readonly string[];
  /** Commands that the runner no longer takes. */
  readonly refusals: readonly string[];
}

const commandLine = /^\s*::([^\s:]+)(?:\s+([^\r\n]*?))?::(.*)$/;
const disabled = ['set-output', 'save-state', 'set-env', 'add-path'];
// Any other word between the colons is text.
const told = ['error', 'warning', 'notice', 'debug'];
const known = [
  ...disabled,
  ...told,
  'group',
  'endgroup',
  'add-mask',
  'stop-commands',
  'add-matcher',
  'remove-matcher',
  'echo',
];
const maxLogCharacters = 64 * 1024 * 1024;

/** An empty log. `add-mask` adds to `masks`. */
export function makeLog(masks: Masks): JobLog {
  const lines: string[] = [];
  const annotations: Annotation[] = [];
  const matchers: string[] = [];
  const leaks: string[] = [];
  const refusals: string[] = [];
  let resumeToken: string | undefined;
  let size = 0;
  const write = (line: string): void => {
    size += line.length;
    if (size > maxLogCharacters) throw new Error('a job wrote too much');
    lines.push(masks.hide(line));
  };
  const command = (name: string, properties: Readonly<Record<string, string>>, value: string): void => {
    if (name === 'add-mask') {
      masks.add(value);
      return;
    }
    if (name === 'stop-commands') resumeToken = value;
    if (name === 'add-matcher') matchers.push(value);
    if (disabled.includes(name)) refusals.push(`the command ${name} is disabled: write to its file`);
    if (name === 'error' || name === 'warning' || name === 'notice') {
      annotations.push({ kind: name, properties, message: masks.hide(value) });
    }
    write(`##[${name}]${value}`);
  };
  return {
    stepLine(line) {
      const parsed = commandLine.exec(line);
      const [, name = '', properties = '', value = ''] = parsed ?? [];
      if (resumeToken !== undefined) {
        if (name === resumeToken) resumeToken = undefined;
        else write(line);
        return;
      }
      if (name !== 'add-mask' && masks.isIn(line)) leaks.push(masks.hide(line));
      if (!known.includes(name)) write(line);
      else command(name, parseProperties(properties), unescapeData(value));
    },
    runnerLine: write,
    stepEnds: () => {
      resumeToken = undefined;
    },
    text: () => lines.join('\n'),
    ...{ annotations, matchers, leaks, refusals },
  };
}

function parseProperties(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text
      .split(',')
      .filter((part) => part.includes('='))
      .map((part) => {
        const place = part.indexOf('=');
        const value = unescapeData(
          part
            .slice(place + 1)
            .replaceAll('%3A', ':')
            .replaceAll('%2C', ','),
        );
        return [part.slice(0, place).trim(), value];
      }),
  );
}

function unescapeData(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
