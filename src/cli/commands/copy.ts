/** `fanfold copy`: an image to many places, each byte read once. */

import { openAll } from '../../call/open.ts';
import { parseReference } from '../../content/oci/reference.ts';
import type { Copied } from '../../publish/copy.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'copy',
  summary: 'Copy an image with all that it points to, to many places at once',
  details:
    'Each byte is read once and written to every destination at the same time; what a destination has is not sent, blobs are mounted where one registry holds both. ' +
    'A destination without a tag takes that of the source. Tags are written last, and a tag that is right is not written at all.',
  examples: [
    'fanfold copy ghcr.io/acme/api:1.4 quay.io/acme/api docker.io/acme/api',
    'fanfold copy ghcr.io/acme/api:1.4 oci:out/api:1.4',
  ],
  arguments: [
    { name: 'from', description: 'the reference to read', required: true },
    { name: 'to', description: 'the references to write', required: true, many: true },
  ],
  options: {},
  printsData: true,
  run: async ({ args, host, signal, output }): Promise<Copied> => {
    const [{ copyReference }, open] = await Promise.all([import('../../publish/copy.ts'), openAll(host)]);
    const [from = '', ...to] = args;
    const note = (kind: string, digest: string): void => output.note(`${kind.padEnd(8)} ${digest}`);
    return await copyReference(
      parseReference(from),
      to.map(parseReference),
      open,
      ({ kind, content }) => note(kind, content.digest),
      { signal },
    );
  },
  text: ({ digest, destinations }) =>
    destinations.map(({ reference, retagged }) => `${reference} ${digest}${retagged ? '' : ' (as it was)'}`).join('\n'),
});
