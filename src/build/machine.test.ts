import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { nodeHost } from '../base/host/host.ts';
import { probeMachine } from './machine.ts';

const answers = (version: string, inspection: string, status = 0): string =>
  `case "$2" in version) echo '${version}';; inspect) printf '${inspection}'; exit ${status};; esac`;
const buildx = 'github.com/docker/buildx v0.29.1 a32761a';

test.for<{ name: string; programs: Record<string, string>; want: object }>([
  { name: 'nothing', programs: {}, want: {} },
  {
    name: 'Buildx with a builder that answers',
    programs: { docker: answers(buildx, 'Name: default\\nDriver: docker\\n') },
    want: { buildx: '0.29.1' },
  },
  {
    name: 'Buildx as Debian numbers it',
    programs: { docker: answers('github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4', 'Driver: docker\\n') },
    want: { buildx: '0.29.1+ds1' },
  },
  {
    name: 'Buildx whose engine is down',
    programs: { docker: answers(buildx, 'Name: default\\nDriver: \\nError:  Cannot connect to the Docker daemon\\n') },
    want: {},
  },
  { name: 'Buildx without a builder', programs: { docker: answers(buildx, '', 1) }, want: {} },
  {
    name: 'Docker without Buildx',
    programs: { docker: 'echo "docker: \'buildx\' is not a docker command." >&2; exit 1' },
    want: {},
  },
  {
    name: 'Buildah',
    programs: { buildah: "echo 'buildah version 1.43.2 (image-spec 1.1.1, runtime-spec 1.2.1)'" },
    want: { buildah: '1.43.2' },
  },
])('$name', async ({ programs, want }) => {
  using folder = temporaryFolder('programs');
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder.path, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder.path, name), 0o755);
  }
  const host = { ...nodeHost(), env: { PATH: folder.path } };
  expect(await probeMachine(host)).toEqual(want);
  // Asked once: what changes meanwhile is not seen.
  folder[Symbol.dispose]();
  expect(await probeMachine(host)).toEqual(want);
});
