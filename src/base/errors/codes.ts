/** Every stable error code and its sentence; the reference page of errors is made of this table. */

/** Codes by area. `usage` and `config` end a command with status 2, all others with 1. */
export const errorCodes = {
  'usage.invalid': 'The command was called in a way that it does not take.',

  'config.invalid': 'The configuration has mistakes.',
  'config.not-found': 'No fanfold.yaml was found.',

  'host.cancelled': 'The work was stopped from outside.',
  'host.file': 'A file could not be read or written.',
  'host.locked': 'Another process holds the lock.',
  'host.network': 'A host could not be reached, or the connection broke.',
  'host.outside': 'A path leads out of the folder that it must stay in.',
  'host.program': 'A program that is needed is missing or failed.',
  'host.too-large': 'What was read is larger than the bound for it.',

  'content.digest': 'The bytes do not have the digest that they were announced with.',
  'content.invalid': 'Content does not have the form that its specification demands.',
  'content.missing': 'Content that something refers to is not there.',
  'content.platform': 'A platform is not one that can be understood.',
  'content.reference': 'A reference to an image is malformed.',
  'content.size': 'The bytes are more or fewer than announced.',
  'content.too-deep': 'Content is nested deeper than the bound for it.',
} as const satisfies Record<string, string>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;
