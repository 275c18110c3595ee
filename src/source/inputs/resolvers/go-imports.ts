/** What a Go file says of other files: its imports, and what it embeds (the Go specification, "Source file organization"). */

/** What one file says. */
export interface GoFacts {
  readonly imports: readonly string[];
  /** Patterns of `//go:embed`, from the file's own folder. */
  readonly embeds: readonly string[];
  /** Whether it hands C code or flags to cgo that reach out of its folder. */
  readonly reachesOut: boolean;
}

/** Reads a file, whatever build constraints it has. */
export function goFacts(text: string): GoFacts {
  const imports = importsOf(text);
  return {
    imports,
    embeds: [...text.matchAll(/^\/\/go:embed[ \t]+(.+)$/gm)].flatMap(([, patterns = '']) => patternsOf(patterns)),
    reachesOut: imports.includes('C') && /\$\{SRCDIR\}|#\s*include\s+"[^"]*\//.test(text),
  };
}

/** Whether a file of C, C++ or assembler includes what is not right in its folder. */
export function includesElsewhere(text: string): boolean {
  return /^\s*#\s*include\s+"[^"]*\//m.test(text);
}

function importsOf(text: string): readonly string[] {
  const words = tokens(text);
  const found: string[] = [];
  if (words.next().value !== 'package') return found;
  words.next();
  let isInList = false;
  let isImport = false;
  for (const word of words) {
    if (word === ';') isImport = isInList;
    else if (word === 'import') isImport = true;
    else if (!isImport) break;
    else if (word === '(') isInList = true;
    else if (word === ')') isInList = false;
    else if (word.startsWith('"') || word.startsWith('`')) {
      found.push(word.slice(1, -1));
      isImport = isInList;
    }
  }
  return found;
}

/** Words of the head of a file: names, strings, parentheses, semicolons. Comments and space are left out. */
function* tokens(text: string): Generator<string, undefined, undefined> {
  const pattern = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|("(?:[^"\\\n]|\\.)*"|`[^`]*`|[\p{L}_][\p{L}\p{Nd}_]*|[();.])|./gsu;
  for (const [, word] of text.matchAll(pattern)) if (word !== undefined) yield word;
  return undefined;
}

function patternsOf(written: string): readonly string[] {
  const parts = written.match(/"(?:[^"\\]|\\.)*"|`[^`]*`|\S+/g) ?? [];
  return parts.map((part) => (/^["`]/.test(part) ? part.slice(1, -1) : part).replace(/^all:/, ''));
}
