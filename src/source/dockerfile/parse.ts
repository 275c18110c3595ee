/** Text to a Dockerfile (Dockerfile reference; BuildKit's behaviour where the reference is silent). */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Dockerfile } from './instruction.ts';

/** A parsed Dockerfile and all its mistakes; with an error among them the instructions are what could be made out. */
export interface ParsedDockerfile {
  readonly dockerfile: Dockerfile;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a Dockerfile's text. `file` is its name for diagnostics. Never throws. */
export declare function parseDockerfile(text: string, file?: string): ParsedDockerfile;
