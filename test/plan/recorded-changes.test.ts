// Over a hundred changes of a family: what is planned of each against what an engine makes of both sides. Every leg of every change is judged.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { openStores } from '../../src/content/store/open.ts';
import { createPool } from '../../src/content/store/pool.ts';
import { keyLegs } from '../../src/source/inputs/key-legs.ts';
import type { Key } from '../../src/source/inputs/leg-inputs.ts';
import { needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { type TestRepository, testRepository } from '../support/repository.ts';
import { baseRepositories, pushBase } from './recorded-bases.ts';
import { recordedChanges } from './recorded-changes.ts';
import type { Change } from './recorded-changes-edits.ts';
import { type Built, buildCommit, familyOf } from './recorded-changes-judge.ts';
import { partOf, parts, recordedFamily } from './recorded-family.ts';

type Keys = ReadonlyMap<string, Key>;

/** What was planned of a change, and what really changed. */
interface Verdict {
  readonly change: string;
  readonly planned: readonly string[];
  readonly changed: readonly string[];
}

const buildsAtOnce = 3;
// The files' paths and texts do not depend on the registry but for Dockerfiles, whose changes are made of the real text below.
const rows = recordedChanges(recordedFamily('HOST')).map((change, place) => ({ name: change.name, place, change }));

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('recorded changes', () => {
  let registry: Registry;
  let library: TestRepository;
  let repository: TestRepository;
  let changes: readonly Change[];
  let root: string;
  let submodules: readonly [string, string];
  let before: { readonly keys: Keys; readonly built: Built };
  const verdicts: Verdict[] = [];
  const oneCommit = createPool(1);
  const someBuilds = createPool(buildsAtOnce);

  beforeAll(async () => {
    registry = await startRegistry();
    for (const name of baseRepositories) await pushBase(registry.host, { repository: name });
    [library, repository] = [await testRepository(), await testRepository()];
    submodules = [await library.commit({ 'lib.py': 'lib = 1\n' }), await library.commit({ 'lib.py': 'lib = 2\n' })];
    const files = recordedFamily(registry.host);
    changes = recordedChanges(files);
    repository.write(files);
    await repository.git('submodule', '--quiet', 'add', library.path, 'vendor/lib');
    await repository.git('-C', 'vendor/lib', 'checkout', '-q', submodules[0]);
    root = await repository.commit();
    before = { keys: await keysHere(), built: await buildCommit(repository.path, root) };
  }, 300_000);
  afterAll(async () => {
    await registry.stop();
    library[Symbol.dispose]();
    repository[Symbol.dispose]();
  });

  /** The keys of what is checked out, bases as they are now. */
  async function keysHere(): Promise<Keys> {
    const stores = openStores(nodeHost());
    const open = (location: Parameters<typeof stores.open>[0]) => stores.open(location);
    const { keyed, failed } = await keyLegs(await familyOf(repository.path), { tree: 'head', open }, nodeHost());
    expect(failed).toEqual([]);
    return new Map(keyed.map(({ leg, key }) => [leg.name, key]));
  }

  /** Commits the change on the first commit. Gives the commit with its keys. */
  async function commitChange({ files = {}, remove = [], submodule }: Change): Promise<readonly [string, Keys]> {
    await repository.git('checkout', '-q', '--force', '--detach', root);
    await repository.git('clean', '-q', '-ffd');
    await repository.git('-C', 'vendor/lib', 'checkout', '-q', submodules[submodule ? 1 : 0]);
    for (const path of remove) repository.remove(path);
    const commit = await repository.commit(files);
    return [commit, await keysHere()];
  }

  async function judge(change: Change): Promise<Verdict> {
    const [commit, keys] = await oneCommit(() => commitChange(change));
    const built = await someBuilds(() => buildCommit(repository.path, commit));
    const legs = [...keys.keys()];
    expect([...built.keys()].sort()).toEqual([...legs].sort());
    const verdict = {
      change: change.name,
      planned: legs.filter((leg) => keys.get(leg) !== before.keys.get(leg)),
      changed: legs.filter((leg) => built.get(leg) !== before.built.get(leg)),
    };
    verdicts.push(verdict);
    return verdict;
  }

  const missed = ({ planned, changed }: Verdict): readonly string[] => changed.filter((leg) => !planned.includes(leg));
  const changeAt = (place: number): Change => {
    const change = changes[place];
    if (change === undefined) throw new Error(`no change ${place}`);
    return change;
  };

  test('there are at least 80, each with a name of its own', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(80);
  });

  test('the judge makes the same of the same commit, without anything that it remembers', async () => {
    expect(await buildCommit(repository.path, root, ['--no-cache'])).toEqual(before.built);
  });

  describe('of files', { concurrent: true, timeout: 300_000 }, () => {
    test.for(rows.filter(({ change }) => change.base === undefined))('$name', async ({ place }, { expect }) => {
      expect(missed(await judge(changeAt(place)))).toEqual([]);
    });
  });

  describe('of base images', { timeout: 300_000 }, () => {
    test.for(rows.filter(({ change }) => change.base !== undefined))('$name', async ({ place }, { expect }) => {
      const change = changeAt(place);
      if (change.base === undefined) throw new Error('no base');
      await pushBase(registry.host, change.base);
      try {
        expect(missed(await judge(change))).toEqual([]);
      } finally {
        await pushBase(registry.host, { repository: change.base.repository });
      }
    });
  });

  test('most of what is planned has really changed', () => {
    const shares = parts.map((part) => {
      const ofPart = (legs: readonly string[]) => legs.filter((leg) => partOf(leg) === part);
      const planned = verdicts.flatMap((verdict) => ofPart(verdict.planned));
      const changed = verdicts.flatMap((verdict) =>
        ofPart(verdict.planned).filter((leg) => verdict.changed.includes(leg)),
      );
      return { part, planned: planned.length, changed: changed.length, share: changed.length / planned.length };
    });
    const lines = shares.map(
      ({ part, planned, changed, share }) =>
        `${part}: ${changed} of ${planned} planned legs changed (${share.toFixed(3)})`,
    );
    console.log(
      [`${verdicts.length} changes, every leg of each judged by the engine`, ...lines, ...overPlanned()].join('\n'),
    );
    expect(verdicts).toHaveLength(rows.length);
    expect(shares.find(({ part }) => part === 'python')?.share).toBeGreaterThan(0.9);
  });

  /** The changes that planned more than changed, each in a line; the Go-like part, where nearly all do, left out. */
  function overPlanned(): readonly string[] {
    return verdicts.flatMap(({ change, planned, changed }) => {
      const over = planned
        .filter((leg) => partOf(leg) !== 'go' && !changed.includes(leg))
        .map((leg) => leg.replace('linux/', ''));
      return over.length === 0 ? [] : [`  planned, equal: ${change}: ${over.join(' ')}`];
    });
  }
});
