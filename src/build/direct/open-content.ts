/** The bytes of a file of a stage, wherever they are kept. */
import { FanfoldError } from '../../base/errors/error.ts';
import { readTar } from '../../content/oci/tar-read.ts';
import type { Content } from './node.ts';

/** A file's size in bytes. */
export async function sizeOf(content: Content): Promise<number> {
  switch (content.kind) {
    case 'tree':
      return await content.tree.sizeBytes(content.entry);
    case 'inline':
      return content.bytes.length;
    case 'member':
      return content.sizeBytes;
    default:
      return content satisfies never;
  }
}

/** A file's bytes as a stream. For a member of an archive, all that stands before it is read and dropped. */
export async function* openContent(content: Content): AsyncGenerator<Uint8Array, void, undefined> {
  switch (content.kind) {
    case 'tree':
      yield* content.tree.read(content.entry);
      return;
    case 'inline':
      yield content.bytes;
      return;
    case 'member':
      for await (const member of readTar(content.archive.open())) {
        if (member.ordinal !== content.ordinal) continue;
        yield* member.bytes;
        return;
      }
      throw new FanfoldError('content.invalid', 'an archive has other members than when it was read first');
    default:
      content satisfies never;
  }
}

/** A small file's text. @throws FanfoldError `host.too-large` past `maxBytes` */
export async function readText(content: Content, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of openContent(content)) {
    size += piece.length;
    if (size > maxBytes) throw new FanfoldError('host.too-large', `a file of more than ${maxBytes} bytes`);
    pieces.push(Uint8Array.from(piece));
  }
  return Buffer.concat(pieces).toString('utf8');
}
