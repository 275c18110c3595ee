/** Columns that fit their content. */

/** Rows as lines, each column as wide as its widest cell, two spaces between; the first row may be a heading. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...rows.map((row) => displayWidth(row[column] ?? ''))),
  );
  return rows
    .map((row) => row.map((cell, column) => pad(cell, widths[column] ?? 0, column === row.length - 1)).join('  '))
    .join('\n');
}

/** How many columns of a terminal a text takes: colours none, wide East Asian characters two. */
export function displayWidth(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours take no room
  const plain = text.replace(/\u001b\[\d+m/g, '');
  return [...plain].reduce(
    (sum, character) => sum + (/\p{Mark}/u.test(character) ? 0 : wide.test(character) ? 2 : 1),
    0,
  );
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function pad(cell: string, width: number, isLast: boolean): string {
  return isLast ? cell : cell + ' '.repeat(Math.max(0, width - displayWidth(cell)));
}

/** `1.2 s`, `340 ms`, `3 min 20 s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
  if (durationMs < 60_000) return `${(durationMs / 1000).toFixed(1)} s`;
  return `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1000)} s`;
}

/** `12.3 MiB`. */
export function formatSize(sizeBytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = Math.min(units.length - 1, sizeBytes < 1 ? 0 : Math.floor(Math.log2(sizeBytes) / 10));
  const value = sizeBytes / 1024 ** unit;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ''}`;
}
