// The files through which a step tells the runner: GITHUB_OUTPUT, GITHUB_ENV, GITHUB_PATH.

/** `name=value` lines and heredocs (`name<<DELIMITER`), in order. Throws for what the runner refuses. */
export function parseAssignments(text: string): readonly (readonly [string, string])[] {
  const lines = text.split(/\r?\n/);
  const found: [string, string][] = [];
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (heredoc > 0 && (equals < 0 || heredoc < equals)) {
      const end = endOf(lines, place + 1, line.slice(heredoc + 2));
      found.push([line.slice(0, heredoc), lines.slice(place + 1, end).join('\n')]);
      place = end;
    } else if (equals > 0) {
      found.push([line.slice(0, equals), line.slice(equals + 1)]);
    } else {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return found;
}

/** The folders that a step puts before PATH, the last first. */
export function parsePaths(text: string): readonly string[] {
  return text.split(/\r?\n/).filter(Boolean).reverse();
}

/** Names that GITHUB_ENV may not set. */
export function isReservedName(name: string): boolean {
  return /^(GITHUB_|RUNNER_)/.test(name) || name === 'NODE_OPTIONS';
}

function endOf(lines: readonly string[], from: number, delimiter: string): number {
  if (delimiter === '') throw new Error('Invalid delimiter');
  const end = lines.indexOf(delimiter, from);
  if (end < 0) throw new Error(`Matching delimiter not found '${delimiter}'`);
  return end;
}
