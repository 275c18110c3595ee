/** A builder's log: told line by line without any secret, its end kept for the error's message. */
import { posix } from 'node:path';
import type { Place } from '../base/errors/error.ts';
import type { Host } from '../base/host/host.ts';
import { parseDockerfile } from '../source/dockerfile/parse.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { BuildFailure, type SourceMistake } from './build-failure.ts';
import type { BuildRequest } from './builder.ts';
import { createMistakeListener } from './log-mistakes.ts';
import type { ToldMistake } from './mistake-forms.ts';
import { ownFiles } from './own-file.ts';

/** What hears a program's lines. */
export interface BuildLog {
  readonly hear: (line: string) => void;
  /** The last lines, oldest first, redacted. */
  readonly lines: () => readonly string[];
  /** What the programs of a build said of files, redacted. */
  readonly mistakes: () => readonly ToldMistake[];
}

const keptLines = 200;
const shownLines = 20;

/** A log that tells each line to `on`. */
export function createBuildLog(on: BuildRequest['on'], secrets: Host['secrets']): BuildLog {
  const kept: string[] = [];
  const listener = createMistakeListener();
  return {
    hear(line) {
      const clean = secrets.redact(stripControls(line));
      kept.push(clean);
      listener.hear(clean);
      if (kept.length > keptLines) kept.shift();
      on({ kind: 'log', line: clean });
    },
    lines: () => kept,
    mistakes: () => listener.mistakes(),
  };
}

/** The error of a builder that ended badly: what it said last, the Dockerfile's line where the log names one, and what it said of the family's own files. */
export function buildFailed(
  request: Pick<BuildRequest, 'keyed'>,
  program: string,
  status: number,
  log: BuildLog,
): BuildFailure {
  const { leg, inputs } = request.keyed;
  const lines = log.lines().filter((line) => line.trim() !== '');
  const line = dockerfileLine(lines, posix.basename(inputs.dockerfile.path)) ?? stepLine(lines, inputs.dockerfile.text);
  const place: Place = {
    target: leg.target.name,
    file: inputs.dockerfile.path,
    ...(line === undefined ? {} : { line }),
  };
  const said = lines.slice(-shownLines).map((text) => `  ${text}`);
  const message = [`${leg.name}: ${program} ended with status ${status}`, ...said].join('\n');
  return new BuildFailure(message, { place }, sourceMistakes(request.keyed, log.mistakes()));
}

/** Those whose file is the family's own, each once, the first ones. */
function sourceMistakes(keyed: KeyedLeg, told: readonly ToldMistake[]): readonly SourceMistake[] {
  if (told.length === 0) return [];
  const find = ownFiles(keyed);
  const found = told.flatMap(({ places, message }): readonly SourceMistake[] => {
    const own = places.map((place) => ({ ...place, file: find(place.file) }));
    const last = own.findLast(({ file }) => file !== undefined);
    if (last?.file === undefined) return [];
    return [{ ...last, file: last.file, message: message.slice(0, messageCharacters) }];
  });
  const once = new Map(found.map((one) => [JSON.stringify([one.file, one.line, one.message]), one]));
  return [...once.values()].slice(0, shownMistakes);
}

const messageCharacters = 500;
/** A CI service shows ten of a job, and legs share it. */
const shownMistakes = 5;

/**
 * The line where BuildKit says that the Dockerfile, by its base name, failed: `Dockerfile:3`, a rule of dashes below it. The last one counts, for earlier
 * ones are warnings; undefined where there is none.
 */
export function dockerfileLine(lines: readonly string[], dockerfile: string): number | undefined {
  const at = lines.findLastIndex(
    (line, place) => line.startsWith(`${dockerfile}:`) && /^-{10,}$/.test(lines[place + 1] ?? ''),
  );
  const number = lines[at]?.slice(dockerfile.length + 1);
  return number !== undefined && /^\d{1,6}$/.test(number) ? Number(number) : undefined;
}

/** The line of the instruction at which Buildah says that it failed: it quotes the step and tells no line. Undefined where none is quoted. */
export function stepLine(lines: readonly string[], dockerfile: string): number | undefined {
  const quoted = lines.flatMap((line) => /building at STEP "(.*?)": /.exec(line)?.[1] ?? []).at(-1);
  if (quoted === undefined) return undefined;
  const plain = (text: string): string =>
    text
      .replace(/\\(?=\s|$)/gm, ' ')
      .replace(/\s+/g, ' ')
      .trim();
  const step = plain(quoted.replaceAll('\\"', '"'));
  const { instructions } = parseDockerfile(dockerfile).dockerfile;
  return instructions.find(({ source }) => plain(source) === step)?.place.line;
}

/** Colours, and whatever else could steer a terminal, taken out of a line. */
function stripControls(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return line.replace(/\u001b\[[0-9;?]*[A-Za-z]|[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}
