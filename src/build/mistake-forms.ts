/** The forms in which compilers and interpreters tell a mistake and its place, each a line or two of text. */

/** A place as a program writes it. */
export interface ToldPlace {
  /** As the program sees it: a path in the build's own file system. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column?: number;
}

/** A mistake as it was told; of several places the last that is the family's own counts. */
export interface ToldMistake {
  readonly places: readonly ToldPlace[];
  readonly message: string;
}

/** What lines before the current one said, for forms of more than one line. */
export interface Before {
  readonly message?: string;
  readonly places: readonly ToldPlace[];
}

/** Nothing was said before. */
export const nothingBefore: Before = { places: [] };

/** Forms of one line. A path holds no colon, so that each pattern reads a line once. */
const forms: readonly RegExp[] = [
  // gcc, clang, swiftc, zig, ghc, javac, kotlinc; `tsc --pretty` with a hyphen.
  /^(?<file>[^:]{1,300}):(?<line>\d{1,7})(?::(?<column>\d{1,7}))?(?::| -) (?:fatal |internal compiler )?error\b:? ?(?<message>.*)$/i,
  // go build, go vet
  /^(?:vet: )?(?<file>[^:\s]{1,300}\.go):(?<line>\d{1,7}):(?<column>\d{1,7}): (?<message>.+)$/,
  // tsc, csc
  /^(?<file>[^():]{1,300})\((?<line>\d{1,7}),(?<column>\d{1,7})\): error (?<message>.+)$/,
  // make
  /^(?<file>[^:\s]{1,300}):(?<line>\d{1,7}): \*\*\* (?<message>.+)$/,
  // shells
  /^(?<file>[^:\s]{1,300}): (?:line )?(?<line>\d{1,7}): (?<message>.*(?:error|unexpected|not found|denied).*)$/i,
];

/** rustc, the first line of two; the second one. */
const rustMessage = /^error(?:\[E\d{1,6}\])?: (?<message>.+)$/;
const rustPlace = /^\s*--> (?<file>[^:]{1,300}):(?<line>\d{1,7}):(?<column>\d{1,7})$/;

/** Python: a line for each call, the innermost last, and then the mistake. */
const pythonPlace = /^\s*File "(?<file>[^"]{1,300})", line (?<line>\d{1,7})/;
const pythonMessage = /^(?<message>[\w.]{0,100}(?:Error|Exception)(?:: .*)?)$/;

const keptPlaces = 50;

/** Reads one line: the mistake that it completes, and what the next line must know. */
export function readMistake(text: string, before: Before): { readonly mistake?: ToldMistake; readonly next: Before } {
  const rust = rustMessage.exec(text)?.groups?.['message'];
  if (rust !== undefined) return { next: { message: rust, places: [] } };
  const python = placeIn(pythonPlace.exec(text));
  if (python !== undefined) return { next: { places: [...before.places, python].slice(-keptPlaces) } };
  const pointed = before.message === undefined ? undefined : placeIn(rustPlace.exec(text));
  if (pointed !== undefined && before.message !== undefined)
    return { mistake: { places: [pointed], message: before.message }, next: nothingBefore };
  const raised = before.places.length === 0 ? undefined : pythonMessage.exec(text)?.groups?.['message'];
  if (raised !== undefined) return { mistake: { places: before.places, message: raised }, next: nothingBefore };
  for (const form of forms) {
    const match = form.exec(text);
    const place = placeIn(match);
    if (place !== undefined)
      return { mistake: { places: [place], message: match?.groups?.['message'] ?? '' }, next: before };
  }
  return { next: before };
}

function placeIn(match: RegExpExecArray | null): ToldPlace | undefined {
  const { file, line, column } = match?.groups ?? {};
  if (file === undefined || line === undefined) return undefined;
  return { file, line: Number(line), ...(column === undefined ? {} : { column: Number(column) }) };
}
