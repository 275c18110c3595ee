// A replay of many commits: how many legs each reaches. The planner's own keys judge it.
import { describe, inject, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { explainPath, familyPlace, pathIndex } from '../../src/plan/explain-path.ts';
import type { Replay } from '../../src/plan/replay.ts';
import { findRepository } from '../../src/source/git/repository.ts';
import { treeAt } from '../../src/source/git/trees.ts';
import { leavesOf } from '../../src/source/inputs/shared.ts';
import { familyYaml, testFamily } from '../support/family.ts';
import { historyRepository, readHistory } from '../support/replayed-history.ts';
import { testRepository } from '../support/repository.ts';
import { run } from '../support/run.ts';
import { familyOf, keysOf } from './comparing.ts';
import { smallFamily } from './small-family.ts';

const history = readHistory();
if (!history.isReal) console.log('replay: its data is not here, a generated history of the same shape stands in');

async function replayOf(folder: string, since: string): Promise<Replay> {
  const args = [inject('cli'), 'plan', '--replay', since, '--json', '--file', folder];
  const { status, stdout, stderr } = await run(process.execPath, args, { cwd: folder });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Replay;
}

describe('905 commits of a family of 457 legs', () => {
  test('each by the legs that it reaches; of a sample the keys say the same', async ({ expect }) => {
    using repository = await historyRepository(history, { narrow: true });
    const { commits, legs, summary } = await replayOf(repository.path, repository.first);
    expect({ commits: commits.length, legs }).toEqual({ commits: history.commits.length, legs: 457 });
    expect(commits.map(({ gone }) => gone).every((gone) => gone === 0)).toBe(true);
    // Not all the same: some reach nothing, some one backend, some many.
    expect(summary.reachNone).toBeGreaterThan(0);
    expect(new Set(commits.map((one) => one.legs.length)).size).toBeGreaterThan(5);

    const family = await familyOf(repository.path);
    const isPlain = (place: number): boolean =>
      (history.commits[place] ?? []).every((path) => !/dockerignore|Dockerfile|matrix\.yml/.test(path));
    for (const wanted of [0, 450, 800]) {
      const place = commits.findIndex((_, at) => at >= wanted && isPlain(at));
      const one = commits[Math.max(0, place)];
      const before = await keysOf(family, `${one?.commit}~1`);
      const then = await keysOf(family, one?.commit);
      const keys = new Map(before.keyed.map(({ leg, key }) => [leg.name, key]));
      const changed = then.keyed.filter(({ leg, key }) => keys.get(leg.name) !== key).map(({ leg }) => leg.name);
      expect(one?.legs).toEqual(changed);
    }
  });
});

describe('a replay', () => {
  test('of a path says what explain says of it, for every file and every leg', async ({ expect }) => {
    using repository = await testRepository();
    await repository.commit({ ...smallFamily, ...chain });
    await repository.commit({
      'fanfold.yaml': `${smallFamily['fanfold.yaml']}${chainYaml}shared:\n  - paths: [docs/**]\n    targets: [gateway]\n`,
    });
    const family = await familyOf(repository.path);
    const { keyed, failed } = await keysOf(family);
    expect(failed).toEqual([]);
    const place = familyPlace(family, '');
    const index = pathIndex(keyed, place);
    const found = await findRepository(repository.path, nodeHost());
    if (found === undefined) throw new Error('no repository');
    const paths = [...leavesOf(await treeAt(found, 'HEAD'), '')].map(({ path }) => path);
    for (const path of [...paths, 'not/there']) {
      const explained = explainPath(path, keyed, place);
      expect([...index.legsOf(path)].sort(), path).toEqual(
        [...new Set(explained.reaches.map(({ leg }) => leg))].sort(),
      );
      expect(index.isConfiguration(path)).toBe(explained.isConfiguration);
    }
    expect([...index.legsOf('below/b')]).toEqual(['below@linux/amd64', 'middle@linux/amd64', 'top@linux/amd64']);
    expect([...index.legsOf('docs/guide.md')]).toEqual(['gateway@linux/amd64']);
  });

  test('goes along first parents, marks the configuration and tells what is gone', async ({ expect }) => {
    using family = await testFamily({
      'fanfold.yaml': familyYaml(['oci:out'], { a: '', b: '' }),
      'a/Dockerfile': 'FROM scratch\nCOPY . /\n',
      'a/one': '1',
      'b/Dockerfile': 'FROM scratch\nCOPY . /\n',
      'b/one': '1',
    });
    const first = (await family.git('rev-parse', 'HEAD')).trim();
    await family.commit({ 'a/:odd "name\n': '2' });
    await family.git('checkout', '-q', '-b', 'side');
    await family.commit({ 'b/one': '2' });
    await family.commit({ 'a/one': '2' });
    await family.git('checkout', '-q', 'main');
    await family.commit({ 'README.md': 'read' });
    await family.git('merge', '-q', '--no-ff', '-m', 'Merge', 'side');
    family.remove('b/one');
    await family.commit({ 'b/two': '1' });
    await family.commit({ 'fanfold.yaml': familyYaml(['oci:out', 'oci:more'], { a: '', b: '' }) });
    await family.commit({}, 'Nothing');
    const { commits, summary } = await replayOf(family.path, first);
    const [a, b] = ['a@linux/amd64', 'b@linux/amd64'];
    expect(commits.map(({ commit: _, ...rest }) => rest)).toEqual([
      { paths: 1, legs: [a], isConfiguration: false, gone: 0 },
      { paths: 1, legs: [], isConfiguration: false, gone: 0 },
      { paths: 2, legs: [a], isConfiguration: false, gone: 1 },
      { paths: 2, legs: [b], isConfiguration: false, gone: 1 },
      { paths: 1, legs: [], isConfiguration: true, gone: 0 },
      { paths: 0, legs: [], isConfiguration: false, gone: 0 },
    ]);
    expect(summary).toMatchObject({ commits: 6, medianLegs: 0, reachNone: 3, reachAll: 0, configuration: 1 });
    const text = await family.fanfold('plan', '--replay', first);
    expect(text.stdout).toMatch(/2 +1 +1 path is gone since/);
    expect(text.stdout).toContain(`6 commits since ${first}, by the 2 legs as they are now:`);
    expect(await family.fanfold('plan', '--replay', 'HEAD')).toMatchObject({ stdout: 'no commit since HEAD\n' });
  });
});

const chain = {
  'below/Dockerfile': 'FROM scratch\nCOPY b /b\n',
  'below/b': 'b',
  'middle/Dockerfile': 'FROM below\n',
  'top/Dockerfile': 'FROM middle\n',
};

const chainYaml = `  top: { context: top, platforms: [linux/amd64], contexts: { middle: "target:middle" } }
  middle: { context: middle, platforms: [linux/amd64], contexts: { below: "target:below" } }
  below: { context: below, platforms: [linux/amd64] }
`;
