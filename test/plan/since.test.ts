// What a change affects, from Git alone: exactly the legs whose content it can alter, with the line that decides.
import { execFileSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { describeChange } from '../../src/plan/input-change.ts';
import type { FileSpec } from '../support/repository.ts';
import { testRepository } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { affectedIn, compareSince } from './comparing.ts';
import { smallFamily } from './small-family.ts';

const yaml = smallFamily['fanfold.yaml'] ?? '';
const python = smallFamily['Dockerfile.python'] ?? '';
const cpp = smallFamily['Dockerfile.cpp'] ?? '';

interface Change {
  readonly name: string;
  readonly write?: Readonly<Record<string, FileSpec>>;
  readonly remove?: readonly string[];
  readonly affected: readonly string[];
  /** Lines that its explanation holds. */
  readonly told?: readonly string[];
}

const speech = ['speech@linux/amd64', 'speech@linux/arm64'];
const vision = ['vision@linux/amd64', 'vision@linux/arm64'];

const changes: readonly Change[] = [
  {
    name: 'a file that one argument selects',
    write: { 'python/speech/server.py': 'changed' },
    affected: speech,
    told: [`python/speech/server.py changed  (Dockerfile.python:5 COPY python/\${BACKEND}/ /app/)`],
  },
  {
    name: 'a file that two targets share',
    write: { 'python/common/base.py': 'changed' },
    affected: [...speech, ...vision],
    told: ['python/common/base.py changed  (Dockerfile.python:4 COPY python/common/ /app/common/)'],
  },
  {
    name: 'a file that no Dockerfile takes',
    write: { 'docs/guide.md': 'changed', 'scripts/release.sh': 'x' },
    affected: [],
  },
  { name: 'an ignored file', write: { 'go/README.md': 'changed' }, affected: [] },
  { name: 'a comment in a Dockerfile', write: { 'Dockerfile.python': `# why\n${python}` }, affected: [] },
  {
    name: 'an instruction',
    write: { 'Dockerfile.python': python.replace('CMD ["/app/run.sh"]', 'CMD ["/app/run.sh", "--quiet"]') },
    affected: [...speech, ...vision],
    told: ['instruction CMD ["/app/run.sh", "--quiet"] changed  (Dockerfile.python:7)'],
  },
  {
    name: 'an instruction of a stage that one flavor reaches',
    write: { 'Dockerfile.cpp': cpp.replace('make cuda', 'make -j4 cuda') },
    affected: ['engine-cuda@linux/amd64'],
    told: ['instruction RUN make -j4 cuda changed  (Dockerfile.cpp:10)'],
  },
  {
    name: 'a line of .dockerignore that takes a file out',
    write: { 'go/.dockerignore': '**/*.md\nDockerfile\n.dockerignore\ngo.mod\n' },
    affected: ['gateway@linux/amd64'],
    told: ['go/go.mod removed  (go/.dockerignore:4 "go.mod" leaves it out)'],
  },
  {
    name: 'a line of .dockerignore that changes nothing',
    write: { 'go/.dockerignore': '**/*.md\nDockerfile\n.dockerignore\n*.log\n' },
    affected: [],
  },
  {
    name: 'one target’s argument',
    write: { 'fanfold.yaml': yaml.replace('FLAVOR: cpu', 'FLAVOR: cuda') },
    // The label still tells them apart.
    affected: ['engine@linux/amd64'],
    told: ['argument FLAVOR: cpu -> cuda  (fanfold.yaml:18)'],
  },
  {
    name: 'a label',
    write: { 'fanfold.yaml': yaml.replace('accelerator: cuda', 'accelerator: gpu') },
    affected: ['engine-cuda@linux/amd64'],
    told: ['setting labels.org.example.accelerator: cuda -> gpu  (fanfold.yaml:23)'],
  },
  { name: 'destinations', write: { 'fanfold.yaml': yaml.replace('oci:out', 'oci:other') }, affected: [] },
  {
    name: 'a base image’s default',
    write: { 'Dockerfile.python': python.replace('3.12', '3.13') },
    affected: [...speech, ...vision],
    told: [
      'base of stage 0: python.example/python:3.12 for linux/amd64 -> python.example/python:3.13 for linux/amd64  (Dockerfile.python:2)',
    ],
  },
  {
    name: 'a file that is gone',
    remove: ['python/vision/requirements.txt'],
    affected: vision,
    told: [`python/vision/requirements.txt removed  (Dockerfile.python:5 COPY python/\${BACKEND}/ /app/)`],
  },
  {
    name: 'an executable bit',
    write: { 'cpp/src/main.cpp': { bytes: 'int main() {}', executable: true } },
    affected: ['engine@linux/amd64', 'engine-cuda@linux/amd64'],
  },
  {
    name: 'a new platform',
    write: { 'fanfold.yaml': yaml.replace('context: go\n    platforms: [linux/amd64]', 'context: go') },
    affected: ['gateway@linux/arm64'],
  },
];

describe('a change affects', () => {
  test.for(changes)('$name', async ({ write = {}, remove = [], affected, told = [] }, { expect }) => {
    using repository = await testRepository();
    const before = await repository.commit(smallFamily);
    for (const path of remove) repository.remove(path);
    await repository.commit(write);
    const comparison = await compareSince(repository.path, before);
    expect(comparison.unkeyed).toEqual([]);
    expect(affectedIn(comparison)).toEqual(affected);
    const lines = comparison.legs.flatMap((leg) => (leg.kind === 'changed' ? leg.changes.map(describeChange) : []));
    for (const line of told) expect(lines).toContain(line);
  });
});

describe('targets', () => {
  test('that are new, gone and renamed are told; a new name for the same content is no build', async ({ expect }) => {
    using repository = await testRepository();
    const before = await repository.commit(smallFamily);
    const renamed = yaml.replace('  vision:', '  sight:').replace(/ {2}gateway:[\s\S]*?(?= {2}engine:)/, '');
    await repository.commit({
      'fanfold.yaml': `${renamed}  other:\n    dockerfile: Dockerfile.python\n    args: { BACKEND: common }\n`,
    });
    const comparison = await compareSince(repository.path, before);
    expect(comparison).toMatchObject({ newTargets: ['sight', 'other'], removedTargets: ['vision', 'gateway'] });
    expect(affectedIn(comparison)).toEqual(['other@linux/amd64', 'other@linux/arm64']);
  });

  test('all of them, where there was nothing before or what there was cannot be read', async ({ expect }) => {
    using repository = await testRepository();
    const broken = await repository.commit({ ...smallFamily, 'fanfold.yaml': 'targets: 5\n' });
    await repository.commit(smallFamily);
    for (const revision of [broken, '0'.repeat(40)]) {
      expect(affectedIn(await compareSince(repository.path, revision))).toHaveLength(7);
    }
  });
});

describe('history', () => {
  test('`REF...` is where HEAD left REF: what came there since is not counted', async ({ expect }) => {
    using repository = await testRepository();
    await repository.commit(smallFamily);
    await repository.git('checkout', '-q', '-b', 'feature');
    await repository.commit({ 'python/vision/server.py': 'mine' });
    await repository.git('checkout', '-q', 'main');
    await repository.commit({ 'python/speech/server.py': 'theirs' });
    await repository.git('checkout', '-q', 'feature');
    expect(affectedIn(await compareSince(repository.path, 'main...'))).toEqual(vision);
    expect(affectedIn(await compareSince(repository.path, 'main'))).toEqual([...speech, ...vision]);
  });

  test('a shallow clone is said to be too shallow, and by how much', async ({ expect }) => {
    using repository = await testRepository();
    await repository.commit(smallFamily);
    for (const text of ['1', '2', '3']) await repository.commit({ 'python/vision/server.py': text });
    using folder = temporaryFolder('shallow');
    execFileSync('git', ['clone', '-q', '--depth', '2', `file://${repository.path}`, folder.path]);
    await expect(compareSince(folder.path, 'HEAD~3')).rejects.toMatchObject({
      code: 'plan.shallow',
      message: 'this clone is too shallow to tell what changed since HEAD~3: it holds the last 2 commits, 4 are needed',
      hint: expect.stringContaining('fetch-depth: 4'),
    });
    expect(affectedIn(await compareSince(folder.path, 'HEAD~1'))).toEqual(vision);
  });
});
