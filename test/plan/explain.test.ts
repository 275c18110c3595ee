// Ten changes of a small family and what explain says of each: the page in docs/explanation is this test's snapshot.

import { describe, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { parsePlatform } from '../../src/content/oci/platform.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import { writeRecord } from '../../src/ledger/staging.ts';
import { explainLeg } from '../../src/plan/explain.ts';
import { explainPath } from '../../src/plan/explain-path.ts';
import { keyDifference } from '../../src/plan/key-difference.ts';
import { lastRecord } from '../../src/plan/last-record.ts';
import { settingPlaces } from '../../src/plan/setting-place.ts';
import { describeKeyDifference, describeLegInputs, describePathExplanation } from '../../src/report/explanation.ts';
import { createStyle } from '../../src/report/style.ts';
import { type TestFamily, testFamily } from '../support/family.ts';
import { stageLeg } from '../support/publication.ts';
import { type FileSpec, testRepository } from '../support/repository.ts';
import { familyOf, keysOf } from './comparing.ts';
import { smallFamily } from './small-family.ts';

const yaml = smallFamily['fanfold.yaml'] ?? '';
const python = smallFamily['Dockerfile.python'] ?? '';
const cpp = smallFamily['Dockerfile.cpp'] ?? '';
const plain = createStyle(false);

const changes: readonly {
  readonly change: string;
  /** The leg that is asked about. */
  readonly leg: string;
  readonly write?: Readonly<Record<string, FileSpec>>;
  readonly remove?: string;
  readonly decides: string;
}[] = [
  {
    change: 'A backend’s own file is edited',
    leg: 'speech@linux/arm64',
    write: { 'python/speech/server.py': 'new' },
    decides: 'Dockerfile.python:5',
  },
  {
    change: 'A script that several images share is edited',
    leg: 'vision@linux/amd64',
    write: { 'scripts/run.sh': '#!/bin/bash' },
    decides: 'Dockerfile.python:6',
  },
  {
    change: 'A document that no image holds is edited',
    leg: 'speech@linux/amd64',
    write: { 'docs/guide.md': 'new' },
    decides: 'none of 7 legs',
  },
  {
    change: 'A README in a context that is copied whole is edited',
    leg: 'gateway@linux/amd64',
    write: { 'go/README.md': 'new' },
    decides: 'none of 7 legs',
  },
  {
    change: 'A file is added to a context that is copied whole',
    leg: 'gateway@linux/amd64',
    write: { 'go/notes.txt': 'new' },
    decides: 'go/Dockerfile:3',
  },
  {
    change: 'A line is added to .dockerignore',
    leg: 'gateway@linux/amd64',
    write: { 'go/.dockerignore': `${smallFamily['go/.dockerignore']}go.mod\n` },
    decides: 'go/.dockerignore:5',
  },
  {
    change: 'An instruction of one stage is edited',
    leg: 'engine-cuda@linux/amd64',
    write: { 'Dockerfile.cpp': cpp.replace('make cuda', 'make -j4 cuda') },
    decides: 'Dockerfile.cpp:10',
  },
  {
    change: 'The default of a base image is edited',
    leg: 'vision@linux/arm64',
    write: { 'Dockerfile.python': python.replace('3.12', '3.13') },
    decides: 'Dockerfile.python:1',
  },
  {
    change: 'One target’s argument is edited',
    leg: 'engine@linux/amd64',
    write: { 'fanfold.yaml': yaml.replace('FLAVOR: cpu', 'FLAVOR: cuda') },
    decides: 'fanfold.yaml:18',
  },
  {
    change: 'A file is removed',
    leg: 'vision@linux/amd64',
    remove: 'python/vision/requirements.txt',
    decides: 'Dockerfile.python:5',
  },
];

const head = `<!-- Made by test/plan/explain.test.ts (npx vitest run test/plan/explain.test.ts --update writes it anew). -->
# What Fanfold says of ten changes

This page shows, for ten changes of a small family, what \`fanfold plan --since HEAD~1\` answers (which legs each change affects, and the line
that decides) and what \`fanfold explain LEG --since HEAD~1\` says of one leg, under its inputs. The family has a Dockerfile that copies what an argument names (\`Dockerfile.python\`), one that copies its whole context
(\`go/Dockerfile\`), and one whose flavors reach different stages (\`Dockerfile.cpp\`).
`;

async function answerOf(family: TestFamily, ...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await family.fanfold(...args);
  if (status !== 0) throw new Error(stderr);
  // The revision's id is another one in each run.
  return stdout.trimEnd().replaceAll(/ \([0-9a-f]{12}\)/g, '');
}

const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');

test('for each of ten changes the answer names the file and the line that decide', async ({ expect }) => {
  const blocks: string[] = [];
  for (const [index, { change, leg, write = {}, remove, decides }] of changes.entries()) {
    using family = await testFamily(smallFamily);
    if (remove !== undefined) family.remove(remove);
    await family.commit(write);
    const planned = await answerOf(family, 'plan', '--since', 'HEAD~1', '--head');
    const explained = await answerOf(family, 'explain', leg, '--since', 'HEAD~1', '--head');
    const isAffected = !decides.startsWith('none of');
    expect(planned).toContain(decides);
    expect(explained).toContain(isAffected ? decides : 'since HEAD~1: its key is the same');
    const said = explained.slice(explained.lastIndexOf('since HEAD~1:'));
    blocks.push(`\n## ${index + 1}. ${change}\n\n${indented(planned)}\n\nOf ${leg}:\n\n${indented(said)}\n`);
  }
  await expect(head + blocks.join('')).toMatchFileSnapshot('../../docs/explanation/explain.md');
});

describe('explain', () => {
  test('a leg: every input with the line that decides', async ({ expect }) => {
    using repository = await testRepository();
    await repository.commit(smallFamily);
    const family = await familyOf(repository.path);
    const { keyed } = await keysOf(family);
    const leg = keyed.find(({ leg }) => leg.name === 'engine-cuda@linux/amd64');
    if (leg === undefined) throw new Error('the leg is not there');
    const inputs = explainLeg(leg, { setting: settingPlaces(family, yaml) });
    expect(inputs).toMatchObject([
      { kind: 'setting', name: 'key', value: leg.key },
      { name: 'platform', value: 'linux/amd64', place: { file: 'fanfold.yaml', line: 21 } },
      { name: 'labels.org.example.accelerator', value: 'cuda', place: { line: 23 } },
      { kind: 'dockerfile', name: 'Dockerfile.cpp', value: expect.stringContaining('build-cuda (line 7)') },
      { kind: 'argument', name: 'FLAVOR', value: 'cuda', place: { file: 'fanfold.yaml', line: 22 } },
      { kind: 'base', name: 'cpp.example/gcc:14', place: { file: 'Dockerfile.cpp', line: 2 } },
      { kind: 'files', place: { line: 3 }, files: ['cpp/third_party/json.hpp'] },
      { kind: 'files', place: { line: 8 }, files: ['cpp/src/main.cpp'] },
      { kind: 'files', place: { line: 9 }, files: ['cpp/cuda/kernel.cu'] },
    ]);
    expect(describeLegInputs(leg.leg.name, inputs, plain)).toContain(
      'COPY cpp/cuda /cuda (1 file: cpp/cuda/kernel.cu)',
    );
  });

  test.for([
    { path: 'cpp/cuda/kernel.cu', says: 'is taken by Dockerfile.cpp:9 COPY cpp/cuda /cuda: engine-cuda@linux/amd64' },
    { path: 'python/speech', says: 'is taken by Dockerfile.python:5 COPY python/' },
    { path: 'go/README.md', says: 'is left out by go/.dockerignore:2 "**/*.md": gateway@linux/amd64' },
    { path: 'go/.dockerignore', says: 'decides what the context holds of: gateway@linux/amd64' },
    {
      path: 'Dockerfile.cpp',
      says: 'is the Dockerfile (Dockerfile.cpp:2: stages tools (line 2), build-cpu (line 4), built (line 11), 4 (line 12)) of: engine@linux/amd64',
    },
    {
      path: 'Dockerfile.cpp',
      says: 'is the Dockerfile (Dockerfile.cpp:2: stages tools (line 2), build-cuda (line 7), built (line 11), 4 (line 12)) of: engine-cuda@linux/amd64',
    },
    {
      path: 'Dockerfile.python',
      says: 'is the Dockerfile (Dockerfile.python:2: stages 0 (line 2)) of: speech@linux/amd64',
    },
    { path: 'fanfold.yaml', says: 'is the configuration' },
    { path: 'docs/guide.md', says: 'reaches no leg' },
  ])('a path: $path', async ({ path, says }, { expect }) => {
    using repository = await testRepository();
    await repository.commit(smallFamily);
    const { keyed } = await keysOf(await familyOf(repository.path));
    const explained = explainPath(path, keyed, { root: '', files: ['fanfold.yaml'] });
    expect(describePathExplanation(explained, plain)).toContain(says);
  });

  test('a path that comes in through a target that others build on', async ({ expect }) => {
    using repository = await testRepository();
    await repository.commit({
      'fanfold.yaml':
        'destinations: [oci:out]\nplatforms: [linux/amd64]\ntargets:\n  top: { context: top, contexts: { below: "target:below" } }\n  below: { context: below }\n',
      'top/Dockerfile': 'FROM below\nCOPY a /a\n',
      'top/a': 'a',
      'below/Dockerfile': 'FROM scratch\nCOPY b /b\n',
      'below/b': 'b',
    });
    const { keyed, failed } = await keysOf(await familyOf(repository.path));
    expect(failed).toEqual([]);
    const { reaches } = explainPath('below/b', keyed, { root: '', files: ['fanfold.yaml'] });
    expect(reaches).toMatchObject([
      { leg: 'below@linux/amd64', how: 'files', place: { line: 2 } },
      { leg: 'top@linux/amd64', how: 'target', by: 'below@linux/amd64' },
    ]);
  });

  test('two keys: of two legs, and of the last record and now', async ({ expect }) => {
    using repository = await testRepository();
    await repository.commit(smallFamily);
    const family = await familyOf(repository.path);
    const places = { setting: settingPlaces(family, yaml) };
    const { keyed } = await keysOf(family);
    const [speech, , vision] = keyed;
    if (speech === undefined || vision === undefined) throw new Error('the legs are not there');
    const told = describeKeyDifference(keyDifference(speech, vision, places));
    expect(told).toContain('argument BACKEND: speech -> vision  (fanfold.yaml:10)');
    expect(told).toContain('python/speech/server.py removed');

    // `gateway` on scratch alone can be keyed with its bases: none is asked for.
    const own = { ...smallFamily, 'go/Dockerfile': 'FROM scratch\nCOPY cmd /cmd\n' };
    await repository.commit(own);
    const keyNow = async () => (await keysOf(family)).keyed.find(({ leg }) => leg.target.name === 'gateway');
    const staging = memoryStore();
    const built = await keyNow();
    if (built === undefined) throw new Error('the leg is not there');
    const content = await stageLeg(staging, 'built', 'linux/amd64');
    const manifest = { ...content.manifest, platform: parsePlatform('linux/amd64') };
    const facts = { builder: 'direct 1', durationMs: 5, revision: 'abc', run: '', builtMs: 1, pushed: manifest.digest };
    await writeRecord(staging, { ...content, ...facts, manifest, key: built.key, leg: built.leg.name });
    await repository.commit({ 'docs/guide.md': 'new' });
    await repository.commit({ 'go/cmd/gateway/main.go': 'package other' });
    const now = await keyNow();
    if (now === undefined) throw new Error('the leg is not there');
    const found = await lastRecord(now, family, { staging, open: async () => staging }, nodeHost());
    expect(found).toMatchObject({ record: { revision: 'abc' }, keyed: { key: built.key } });
    expect(describeKeyDifference(keyDifference(found?.keyed ?? now, now, places))).toBe(
      'go/cmd/gateway/main.go changed  (go/Dockerfile:2 COPY cmd /cmd)',
    );
  });
});
