// A tar of a few entries for test images, in memory. Independent of the product's own tar writer.

/** One entry: a file with content, a link with a target, or a folder. */
export interface TarEntry {
  readonly path: string;
  readonly content?: Uint8Array;
  readonly linkTo?: string;
  readonly mode?: number;
}

const blockBytes = 512;

/** The entries as an ustar archive: owner 0:0, time 0, so equal entries give equal bytes. Paths up to 100 characters. */
export function tarOf(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    const content = entry.content ?? new Uint8Array();
    const padding = new Uint8Array((blockBytes - (content.length % blockBytes)) % blockBytes);
    return [header(entry, content.length), content, padding];
  });
  return Buffer.concat([...parts, new Uint8Array(2 * blockBytes)]);
}

function header(entry: TarEntry, sizeBytes: number): Uint8Array {
  const isFolder = entry.path.endsWith('/');
  const type = entry.linkTo !== undefined ? '2' : isFolder ? '5' : '0';
  const block = Buffer.alloc(blockBytes);
  block.write(entry.path, 0, 100);
  block.write(octal(entry.mode ?? (isFolder ? 0o755 : 0o644), 8), 100);
  block.write(octal(0, 8) + octal(0, 8) + octal(sizeBytes, 12) + octal(0, 12), 108);
  block.write(`        ${type}`, 148);
  block.write(entry.linkTo ?? '', 157, 100);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)} `, 148);
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
