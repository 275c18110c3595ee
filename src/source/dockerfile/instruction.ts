/** What a Dockerfile says, as plain data: instructions in order, with the places where they stand. */

/** A Dockerfile as it is written; nothing is expanded. */
export interface Dockerfile {
  /** The file's name, as diagnostics give it. */
  readonly file?: string;
  readonly directives: Directives;
  readonly instructions: readonly Instruction[];
}

/** The character that `# escape=` names. */
export type EscapeCharacter = '\\' | '`';

/** Parser directives (Dockerfile reference, "Parser directives"). */
export interface Directives {
  /** `# syntax=`: the frontend's image, the first word of the value. */
  readonly syntax?: string;
  readonly escape: EscapeCharacter;
  /** `# check=`, as written. */
  readonly check?: string;
}

/** Where an instruction stands; lines and columns count from 1. `endLine` is the last line of its heredocs. */
export interface TextRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
}

/** One instruction as written. */
export interface Instruction {
  /** In upper case: `COPY`. */
  readonly keyword: string;
  readonly flags: readonly Flag[];
  /** The text after keyword and flags: continuation lines joined, comments among them left out, heredoc bodies not in it. */
  readonly rest: string;
  /** `exec`: `rest` is a valid JSON array of strings (after `CMD` in HEALTHCHECK); else `shell`. */
  readonly form: 'exec' | 'shell';
  /** The strings of the array where `form` is `exec`. */
  readonly exec?: readonly string[];
  readonly heredocs: readonly Heredoc[];
  /** Comments directly above, without `#`. */
  readonly comments: readonly string[];
  readonly place: TextRange;
  /** ONBUILD: the instruction that is kept for later. */
  readonly trigger?: Instruction;
  /** The logical line as written, trimmed: what an image's history and ONBUILD keep. */
  readonly source: string;
}

/** `--name=value` between keyword and arguments. Quotes around it are gone, as in BuildKit. */
export interface Flag {
  readonly name: string;
  /** Undefined where there is no `=`. */
  readonly value: string | undefined;
  readonly line: number;
  readonly column: number;
}

/** A here-document of RUN, COPY or ADD. */
export interface Heredoc {
  readonly name: string;
  /** The digits before `<<`; 0 where there are none. */
  readonly fileDescriptor: number;
  /** False where the name was quoted: variables in the body stay as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are taken from each line of the body where it is a file or a script. */
  readonly strip: boolean;
  /** The body as written, tabs included. */
  readonly content: string;
  /** The line of the body's first line. */
  readonly line: number;
}

/** The value of a flag; undefined where it is not given. */
export function flagValue(instruction: Instruction, name: string): string | undefined {
  return instruction.flags.find((flag) => flag.name === name)?.value;
}
