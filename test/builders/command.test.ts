// Any program as a builder: what it pushes or leaves is taken, and nothing else is.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandBuilder } from '../../src/build/command.ts';
import { attestedImage, statementText } from '../support/attested-image.ts';
import { buildRequest, peersHost, type RequestDifferences } from '../support/build-request.ts';
import { filesOf, statementsOf } from '../support/image-content.ts';
import type { MemoryFile } from '../support/memory-tree.ts';
import { needs } from '../support/peers.ts';
import {
  descriptorOf,
  imageOf,
  indexOf,
  mediaTypes,
  rootOf,
  type TestImage,
  type TestIndex,
  writeLayout,
} from '../support/random-image.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const arm64 = { os: 'linux', architecture: 'arm64' };
const image = (text: string, platform = amd64): TestImage =>
  imageOf([[{ path: 'app', content: Buffer.from(text) }]], platform);

/** A layout beside the build, for a script that pushes or copies it. */
function layoutOf(content: TestImage | TestIndex): TemporaryFolder {
  const folder = temporaryFolder('made');
  writeLayout(folder.path, content, 'made');
  return folder;
}

const script = (text: string): MemoryFile => ({ text: `#!/bin/sh\nset -e\n${text}\n`, executable: true });
const push = (folder: TemporaryFolder): string =>
  `skopeo copy --all --preserve-digests --dest-tls-verify=false oci:${folder.path}:made "docker://$FANFOLD_REFERENCE"`;
const leave = (folder: TemporaryFolder): string => `cp -r ${folder.path}/. "$FANFOLD_LAYOUT"`;

const build = async (text: string, differences: RequestDifferences = {}) => {
  const run = ['./build.sh', '--flag', 'with space'];
  const request = buildRequest({
    files: { 'build.sh': script(text), 'src/a.txt': 'a' },
    target: { builder: { kind: 'command', run } },
    ...differences,
  });
  return { request, outcome: await commandBuilder.build(request, peersHost(), {}) };
};

describe.runIf(needs('skopeo'))('command', { timeout: 180_000 }, () => {
  test('takes the image that the program pushed', async () => {
    using made = layoutOf(image('pushed'));
    const { request, outcome } = await build(push(made));
    expect(await filesOf(request.store, outcome.manifest)).toEqual({ app: 'pushed' });
    expect(outcome.manifest.digest).toBe(rootOf(image('pushed')).digest);
    expect(outcome.builder).toEqual({ kind: 'command', version: 'build.sh' });
  });

  test('takes the layout that the program left, as an image or as an index of one', async () => {
    for (const content of [image('left'), indexOf([image('left')])]) {
      using made = layoutOf(content);
      const { request, outcome } = await build(leave(made));
      expect(await filesOf(request.store, outcome.manifest)).toEqual({ app: 'left' });
      expect(outcome.pushed.digest).toBe(rootOf(content).digest);
    }
  });

  test('runs in the folder of the keyed files, and is told what to make', async () => {
    using made = layoutOf(image('told', arm64));
    const says =
      'echo "$PWD: $(find . -type f | sort | xargs) $FANFOLD_TARGET $FANFOLD_PLATFORM $1 $2"; ls -A "$FANFOLD_LAYOUT"';
    const { request } = await build(`${says}\n${push(made)}`, { platform: 'linux/arm64' });
    expect(request.log().split('\n')[0]).toMatch(
      /\/context-[0-9a-f]{32}: \.\/build\.sh \.\/src\/a\.txt app linux\/arm64 --flag with space$/,
    );
  });

  test('puts the subjects of pushed attestations right', async () => {
    using folder = temporaryFolder('attested');
    const predicateType = 'https://slsa.dev/provenance/v0.2';
    const text = statementText(image('attested'), predicateType, ['pkg:docker/elsewhere.example/app@latest']);
    writeLayout(folder.path, attestedImage(image('attested'), [{ predicateType, text }]), 'made');
    const { request, outcome } = await build(push(folder), { destinations: ['one.example/app', 'two.example/app'] });
    const [statement] = await statementsOf(request.store, outcome.attestations);
    expect(statement?.subjects.map(({ name }) => name.split('@')[0])).toEqual([
      'pkg:docker/one.example/app',
      'pkg:docker/two.example/app',
    ]);
  });

  test.for([
    { name: 'neither', text: () => 'true', want: 'pushed nothing and left no layout' },
    { name: 'both', text: (made: TemporaryFolder) => `${push(made)}\n${leave(made)}`, want: 'left a layout, too' },
  ])('$name is an error', async ({ text, want }) => {
    using made = layoutOf(image('both'));
    await expect(build(text(made))).rejects.toMatchObject({
      code: 'build.result',
      message: expect.stringContaining(want),
    });
  });

  test.for([
    { name: 'pushed', by: push },
    { name: 'left in a layout', by: leave },
  ])('two platforms, $name, are refused by name', async ({ by }) => {
    using made = layoutOf(indexOf([image('one'), image('two', arm64)]));
    await expect(build(by(made))).rejects.toMatchObject({
      code: 'endpoint.platform',
      message: expect.stringMatching(/^the builder pushed .*linux\/arm64.* to the leg of linux\/amd64$/),
    });
  });

  test.for([
    { name: 'pushed', by: push },
    { name: 'left in a layout', by: leave },
  ])('another platform, $name, is refused by name', async ({ by }) => {
    using made = layoutOf(image('other', arm64));
    await expect(build(by(made))).rejects.toMatchObject({
      code: 'endpoint.platform',
      message: 'the builder pushed linux/arm64 to the leg of linux/amd64',
    });
  });

  test('a layout of two images is refused', async () => {
    using made = layoutOf(image('one'));
    const manifests = ['one', 'two'].map((text) => descriptorOf(image(text).manifest));
    const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
    writeLayout(made.path, image('two'), 'made');
    writeFileSync(join(made.path, 'index.json'), JSON.stringify(index));
    await expect(build(leave(made))).rejects.toMatchObject({
      code: 'build.result',
      message: expect.stringContaining('holds 2 images'),
    });
  });

  test('a layout with a broken blob is refused', async () => {
    using made = layoutOf(image('whole'));
    const layer = image('whole').layers[0]?.digest.split(':')[1] ?? '';
    const spoil = `${leave(made)}\nprintf x > "$FANFOLD_LAYOUT/blobs/sha256/${layer}"`;
    await expect(build(spoil)).rejects.toMatchObject({ code: expect.stringMatching(/^content\.(?:size|digest)$/) });
  });

  test('a program that fails is an error with what it said last', async () => {
    await expect(build('echo first; echo "no compiler here" >&2; exit 3')).rejects.toMatchObject({
      code: 'build.failed',
      message: 'app@linux/amd64: ./build.sh ended with status 3\n  first\n  no compiler here',
    });
  });

  test('a program that is missing is an error that names it', async () => {
    const target = { builder: { kind: 'command', run: ['no-such-program'] } } as const;
    await expect(build('true', { target })).rejects.toMatchObject({
      code: 'host.program',
      message: 'no-such-program is not installed',
    });
  });
});
