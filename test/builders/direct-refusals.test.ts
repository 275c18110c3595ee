// What BuildKit refuses, the direct builder refuses, too: with the line, and before anything is written.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { openStores } from '../../src/content/store/open.ts';
import { buildRequest, peersHost } from '../support/build-request.ts';
import { directBase } from '../support/direct-bases.ts';
import { writeDirectContext } from '../support/direct-context.ts';
import { folderTree } from '../support/folder-tree.ts';
import { pushTestIndex } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { run } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const cases: readonly { name: string; dockerfile: string; code: string; line: number }[] = [
  {
    name: 'a source that is not there',
    dockerfile: 'FROM scratch\nCOPY missing.txt /x\n',
    code: 'dockerfile.source',
    line: 2,
  },
  {
    name: 'a folder over a file',
    dockerfile: 'FROM scratch\nCOPY readme.md /x\nCOPY app /x\n',
    code: 'build.copy',
    line: 3,
  },
  {
    name: 'a folder in a folder over a file',
    dockerfile: 'FROM scratch\nCOPY readme.md /t/sub\nCOPY app /t\n',
    code: 'build.copy',
    line: 3,
  },
  {
    name: 'a file over a folder',
    dockerfile: 'FROM scratch\nWORKDIR /t/conf.txt\nCOPY app /t\n',
    code: 'build.copy',
    line: 3,
  },
  {
    name: 'a folder over a link to a folder',
    dockerfile: 'FROM scratch AS s\nCOPY app /s/to-docs\nFROM scratch\nCOPY links /over\nCOPY --from=s /s /over\n',
    code: 'build.copy',
    line: 5,
  },
  {
    name: 'a destination below a file',
    dockerfile: 'FROM scratch\nCOPY readme.md /x\nCOPY app/tool /x/y\n',
    code: 'build.copy',
    line: 3,
  },
  {
    name: 'a working directory below a file',
    dockerfile: 'FROM scratch\nCOPY readme.md /x\nWORKDIR /x/y\n',
    code: 'build.copy',
    line: 3,
  },
  {
    name: 'a mode that is not octal',
    dockerfile: 'FROM scratch\nCOPY --chmod=999 app /x\n',
    code: 'build.instruction',
    line: 2,
  },
  {
    name: 'a mode that is too large',
    dockerfile: 'FROM scratch\nCOPY --chmod=17777 app /x\n',
    code: 'build.instruction',
    line: 2,
  },
  {
    name: 'a mode of letters',
    dockerfile: 'FROM scratch\nCOPY --chmod=rwx app /x\n',
    code: 'build.instruction',
    line: 2,
  },
  { name: 'a signal', dockerfile: 'FROM scratch\nSTOPSIGNAL SIGNOTHING\n', code: 'dockerfile.syntax', line: 2 },
  { name: 'a port', dockerfile: 'FROM scratch\nEXPOSE 99999\n', code: 'dockerfile.syntax', line: 2 },
  {
    name: 'a quoted name with a space',
    dockerfile: 'FROM scratch\nCOPY "odd/with space.txt" /x\n',
    code: 'dockerfile.expansion',
    line: 2,
  },
  {
    name: 'an owner by name in a layer that stands alone',
    dockerfile: 'ARG BASE\nFROM $BASE\nCOPY --link --chown=app app /x\n',
    code: 'build.instruction',
    line: 3,
  },
  {
    name: 'an owner by name on nothing',
    dockerfile: 'FROM scratch\nCOPY --chown=app app /x\n',
    code: 'build.instruction',
    line: 2,
  },
  {
    name: 'a working directory of a name on nothing',
    dockerfile: 'FROM scratch\nUSER app\nWORKDIR /x\n',
    code: 'build.instruction',
    line: 3,
  },
  {
    name: 'an archive that is cut off',
    dockerfile: 'FROM scratch\nADD odd/cut.tar /x\n',
    code: 'content.invalid',
    line: 2,
  },
  { name: 'a syntax mistake', dockerfile: 'FROM scratch\nCOPPY app /x\n', code: 'dockerfile.syntax', line: 2 },
  {
    name: 'a stage that is not there',
    dockerfile: 'FROM scratch\nCOPY --from=7 app /x\n',
    code: 'dockerfile.stage',
    line: 2,
  },
];

describe.runIf(needs('docker-registry', 'engine', 'docker', 'skopeo'))('refused by both', { concurrent: true }, () => {
  let registry: Registry;
  let folder: TemporaryFolder;
  let base: string;

  beforeAll(async () => {
    registry = await startRegistry();
    folder = temporaryFolder('refusals');
    mkdirSync(join(folder.path, 'context'));
    await writeDirectContext(join(folder.path, 'context'), join(folder.path, 'extra'));
    base = await pushTestIndex(registry.host, 'base', await directBase());
  });
  afterAll(async () => {
    await registry.stop();
    folder[Symbol.dispose]();
  });

  test.for(cases)('$name', async ({ dockerfile, code, line }, { expect }) => {
    const context = join(folder.path, 'context');
    const flags = ['--file=-', '--network=none', '--build-arg', `BASE=${base}`, '--output', 'type=cacheonly'];
    const options = { env: environmentForPeers(), input: dockerfile };
    const engine = await run(requirePeer('docker'), ['buildx', 'build', ...flags, context], options);
    expect(engine.status, engine.stderr).toBe(1);
    const host = peersHost();
    const stores = openStores(host);
    const request = buildRequest({
      dockerfile,
      inputs: { args: { BASE: base } },
      open: (location) => stores.open(location),
    });
    const built = directBuilder('test').build({ ...request, context: folderTree(context) }, host, {});
    await expect(built).rejects.toMatchObject({ code, place: { file: 'Dockerfile', line } });
  });
});
