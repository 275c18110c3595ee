/** A builder's log: told line by line without any secret, its end kept for the error's message. */
import { posix } from 'node:path';
import { FanfoldError, type Place } from '../base/errors/error.ts';
import type { Host } from '../base/host/host.ts';
import { parseDockerfile } from '../source/dockerfile/parse.ts';
import type { BuildRequest } from './builder.ts';

/** What hears a program's lines. */
export interface BuildLog {
  readonly hear: (line: string) => void;
  /** The last lines, oldest first, redacted. */
  readonly lines: () => readonly string[];
}

const keptLines = 200;
const shownLines = 20;

/** A log that tells each line to `on`. */
export function createBuildLog(on: BuildRequest['on'], secrets: Host['secrets']): BuildLog {
  const kept: string[] = [];
  return {
    hear(line) {
      const clean = secrets.redact(stripControls(line));
      kept.push(clean);
      if (kept.length > keptLines) kept.shift();
      on({ kind: 'log', line: clean });
    },
    lines: () => kept,
  };
}

/** The error of a builder that ended badly: what it said last, with the Dockerfile's line where the log names one. */
export function buildFailed(
  request: Pick<BuildRequest, 'keyed'>,
  program: string,
  status: number,
  log: BuildLog,
): FanfoldError {
  const { leg, inputs } = request.keyed;
  const lines = log.lines().filter((line) => line.trim() !== '');
  const line = dockerfileLine(lines, posix.basename(inputs.dockerfile.path)) ?? stepLine(lines, inputs.dockerfile.text);
  const place: Place = {
    target: leg.target.name,
    file: inputs.dockerfile.path,
    ...(line === undefined ? {} : { line }),
  };
  const said = lines.slice(-shownLines).map((text) => `  ${text}`);
  return new FanfoldError('build.failed', [`${leg.name}: ${program} ended with status ${status}`, ...said].join('\n'), {
    place,
  });
}

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
