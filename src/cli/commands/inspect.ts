/** `fanfold inspect`: what a reference names. */

import { openAll } from '../../call/open.ts';
import { parseReference } from '../../content/oci/reference.ts';
import type { Inspection } from '../../publish/inspect.ts';
import { describeInspection } from '../../report/texts.ts';
import { defineCommand } from '../command.ts';

export const command = defineCommand({
  name: 'inspect',
  summary: 'Show what a reference names: platforms, layers, attestations',
  examples: ['fanfold inspect ghcr.io/acme/api:1.4', 'fanfold inspect oci:out/api:latest --json'],
  arguments: [{ name: 'reference', description: 'registry/repository:tag, @digest, or oci:PATH:TAG', required: true }],
  options: {},
  printsData: true,
  run: async ({ args, host, signal }): Promise<Inspection> => {
    const { inspectReference } = await import('../../publish/inspect.ts');
    return await inspectReference(parseReference(args[0] ?? ''), await openAll(host), { signal });
  },
  text: describeInspection,
});
