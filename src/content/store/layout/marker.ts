/** The file that makes a folder an OCI layout (image-layout.md, "oci-layout file"). */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FanfoldError } from '../../../base/errors/error.ts';
import { replaceFile, systemFiles } from '../../../base/host/files.ts';
import { asRecord } from '../../oci/descriptor.ts';
import { parseJson } from '../../oci/json.ts';

const version = '1.0.0';
const maxMarkerBytes = 4096;

/** Makes the folder a layout where it is none; a folder that holds something else is refused. */
export async function ensureLayout(folder: string): Promise<void> {
  await mkdir(join(folder, 'blobs', 'sha256'), { recursive: true });
  if (await isLayout(folder)) return;
  await replaceFile(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: version }));
}

/**
 * Whether the folder is a layout.
 * @throws FanfoldError `content.invalid` where it is one of a version that is not understood
 */
export async function isLayout(folder: string): Promise<boolean> {
  const path = join(folder, 'oci-layout');
  if ((await systemFiles.kindOf(path)) === undefined) return false;
  const found = asRecord(parseJson(await systemFiles.readBytes(path, maxMarkerBytes), path), path);
  if (found['imageLayoutVersion'] === version) return true;
  throw new FanfoldError('content.invalid', `${path} names a version of the layout other than ${version}`, {
    place: { file: path },
  });
}
