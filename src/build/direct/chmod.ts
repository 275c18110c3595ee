/** --chmod: octal, or the symbolic form of chmod(1), to a change of mode. */
import { FanfoldError } from '../../base/errors/error.ts';

/** What --chmod does. */
export interface Chmod {
  /** The mode that an entry gets. */
  apply(mode: number, isFolder: boolean): number;
  /** The mode that folders get which the copy makes on its way; symbolic modes do not reach them. */
  readonly folderMode: number;
}

/**
 * Reads --chmod as BuildKit does.
 * @throws FanfoldError `build.instruction`
 */
export function parseChmod(text: string): Chmod {
  if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= 0o7777) {
    const mode = Number.parseInt(text, 8);
    return { apply: () => mode, folderMode: mode & 0o777 };
  }
  if (/^\d/.test(text)) throw invalid(text);
  const clauses = text.split(',').map((clause) => parseClause(clause, text));
  return {
    apply: (mode, isFolder) => clauses.reduce((current, clause) => clause(current, mode, isFolder), mode),
    folderMode: 0o755,
  };
}

type Change = (mode: number, original: number, isFolder: boolean) => number;

const rwx = { r: 0o444, w: 0o222, x: 0o111 } as const;
const whoBits: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o007, a: 0o6777 };
const everyone = 0o6777;
const sticky = 0o1000;

function parseClause(clause: string, whole: string): Change {
  const form = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause);
  if (form === null) throw invalid(whole);
  const [, names = '', actions = ''] = form;
  const who = [...names].reduce((bits, name) => bits | (whoBits[name] ?? 0), 0);
  const changes = [...actions.matchAll(/([-+=])([rwxXstugo]*)/g)].map(([, op = '+', letters = '']) =>
    parseAction(op, letters, who),
  );
  return (mode, original, isFolder) => changes.reduce((current, change) => change(current, original, isFolder), mode);
}

function parseAction(op: string, letters: string, who: number): Change {
  const reach = who === 0 ? everyone : who;
  // s and t say nothing where only others are meant.
  const special = who === 0 || (who & ~0o007) !== 0;
  return (mode, original, isFolder) => {
    let bits = 0;
    for (const letter of letters) bits |= bitsOf(letter, mode, original, isFolder, op);
    const wanted = (bits & reach & ~sticky) | (special ? bits & sticky : 0);
    if (op === '+') return mode | wanted;
    if (op === '-') return mode & ~wanted;
    return (mode & ~reach & ~(letters.includes('t') && special ? sticky : 0)) | wanted;
  };
}

function bitsOf(letter: string, mode: number, original: number, isFolder: boolean, op: string): number {
  switch (letter) {
    case 'r':
    case 'w':
    case 'x':
      return rwx[letter];
    case 'X':
      return op === '-' || isFolder || (original & 0o111) !== 0 ? 0o111 : 0;
    case 's':
      return 0o6000;
    case 't':
      return sticky;
    case 'u':
      return ((mode >> 6) & 7) * 0o111;
    case 'g':
      return ((mode >> 3) & 7) * 0o111;
    default:
      return (mode & 7) * 0o111;
  }
}

function invalid(text: string): FanfoldError {
  return new FanfoldError('build.instruction', `--chmod=${text} is no mode`, {
    hint: 'write it in octal, between 0 and 07777, or as chmod takes it: u=rwx,go=rx',
  });
}
