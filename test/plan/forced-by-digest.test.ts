// The tag of a base moves between the plan and the build, by the real command: what the engine then asks the registry for shows what it was told.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { openStores } from '../../src/content/store/open.ts';
import { type TestFamily, testFamily } from '../support/family.ts';
import { filesOf } from '../support/image-content.ts';
import { pushTestIndex } from '../support/images.ts';
import { environmentForPeers, needs, requirePeer } from '../support/peers.ts';
import { imageOf, indexOf, rootOf, type TestIndex, writeLayout } from '../support/random-image.ts';
import { type LoggedRequest, type Registry, startRegistry } from '../support/registry.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';

const marked = (text: string): TestIndex => indexOf([imageOf([[{ path: 'mark', content: Buffer.from(text) }]])]);
const [first, second] = [marked('first'), marked('second')];

interface Row {
  readonly name: string;
  readonly bases: 'resolve' | 'pinned' | 'ignore';
  /** What FROM names beside the repository. */
  readonly from: string;
  /** Whose content is in the image. */
  readonly want: 'first' | 'second';
  /** How the engine asks for the manifest, and how the plan did. */
  readonly engine: 'by digest' | 'by tag';
  readonly plan: 'by digest' | 'by tag' | 'not at all';
  /** Whether the moved tag is a reason to build again. */
  readonly again: boolean;
}

const rows: readonly Row[] = [
  {
    name: 'resolve: built from what the tag named when it was planned; the moved tag is built next time',
    bases: 'resolve',
    from: ':latest',
    want: 'first',
    engine: 'by digest',
    plan: 'by tag',
    again: true,
  },
  {
    name: 'pinned: built from the digest that is written, and the tag beside it counts for nothing',
    bases: 'pinned',
    from: `:latest@${rootOf(first).digest}`,
    want: 'first',
    engine: 'by digest',
    plan: 'by digest',
    again: false,
  },
  {
    name: 'ignore: built from what the tag names when it is built; a moved tag is no reason to build',
    bases: 'ignore',
    from: ':latest',
    want: 'second',
    engine: 'by tag',
    plan: 'not at all',
    again: false,
  },
];

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))('bases', { timeout: 180_000 }, () => {
  let registry: Registry;
  let layouts: TemporaryFolder;

  beforeAll(async () => {
    registry = await startRegistry();
    layouts = temporaryFolder('layouts');
    writeLayout(join(layouts.path, 'second'), second);
    writeLayout(join(layouts.path, 'gate'), marked('gate'));
  });
  afterAll(async () => {
    await registry.stop();
    layouts[Symbol.dispose]();
  });

  /** A target that builds on another, whose program moves the base's tag: all keys are made by then, and the engine was not called yet. */
  async function familyWith(base: string, dockerfile: string, bases: string): Promise<TestFamily> {
    const target = `docker://${registry.host}/${base}:latest`;
    const copy = `${requirePeer('skopeo')} copy --all --preserve-digests --dest-tls-verify=false`;
    return await testFamily(
      {
        'fanfold.yaml': `destinations: [oci:out]
platforms: [linux/amd64]
tags: type=raw,value=latest
targets:
  gate:
    context: gate
    builder: { command: [sh, move.sh] }
  app:
    context: app
    builder: buildx
    bases: ${bases}
    contexts: { gate: "target:gate" }
`,
        '.gitignore': 'out*\n',
        'gate/move.sh': `set -e\n${copy} oci:${layouts.path}/second:latest ${target} >&2\ncp -R ${layouts.path}/gate/. "$FANFOLD_LAYOUT"\n`,
        'app/Dockerfile': dockerfile,
      },
      { ...environmentForPeers(), TMPDIR: '/tmp' },
    );
  }

  /** Who asked for a base's manifests since, and by what. */
  async function asked(base: string, since: number): Promise<Record<'plan' | 'engine', readonly string[]>> {
    const requests = (await registry.requests()).slice(since);
    const named = (agent: RegExp) =>
      requests
        .filter(({ path, method, userAgent }) => isManifest(path, base) && method !== 'PUT' && agent.test(userAgent))
        .map(({ path }) => (path.includes('/manifests/sha256:') ? 'by digest' : 'by tag'));
    return { plan: named(/^fanfold/i), engine: named(/buildkit|containerd/i) };
  }

  test.for(rows)('$name', async ({ bases, from, want, engine, plan, again }, { expect }) => {
    const base = `base-${bases}`;
    await pushTestIndex(registry.host, base, first);
    using family = await familyWith(
      base,
      `FROM ${registry.host}/${base}${from}\nCOPY --from=gate /mark /gate\n`,
      bases,
    );
    const since = (await registry.requests()).length;
    const run = await family.fanfold('run');
    expect(run, run.stderr).toMatchObject({ status: 0 });
    expect(await imageFiles(family)).toEqual({ mark: want, gate: 'gate' });
    const requests = await asked(base, since);
    expect(requests.engine.length).toBeGreaterThan(0);
    expect(requests.engine[0]).toBe(engine);
    if (engine === 'by digest') expect(new Set(requests.engine)).toEqual(new Set(['by digest']));
    if (plan === 'not at all') expect(requests.plan).toEqual([]);
    else expect(requests.plan).toContain(plan);
    if (plan === 'by digest') expect(requests.plan).not.toContain('by tag');
    // The tag names the second image since.
    const { stdout } = await family.fanfold('plan');
    expect(stdout).toMatch(again ? /^build +app@/m : /^reuse +app@/m);
    if (!again) return;
    expect(await family.fanfold('run')).toMatchObject({ status: 0 });
    expect(await imageFiles(family)).toEqual({ mark: 'second', gate: 'gate' });
  });

  test('pinned: a base without a digest is refused with its line, and nothing is asked of the registry', async () => {
    const base = 'base-loose';
    await pushTestIndex(registry.host, base, first);
    using family = await familyWith(base, `FROM ${registry.host}/${base}\n`, 'pinned');
    const since = (await registry.requests()).length;
    const { status, stdout, stderr } = await family.fanfold('plan', '--only', 'app');
    expect(status).toBe(1);
    expect(stdout + stderr).toContain('app/Dockerfile:1');
    expect(await asked(base, since)).toEqual({ plan: [], engine: [] });
  });

  test('a frontend is loaded by the digest that its tag had when it was planned', async () => {
    await pushTestIndex(registry.host, 'frontend', first);
    const dockerfile = `# syntax=${registry.host}/frontend:latest\nFROM scratch\nCOPY --from=gate /mark /gate\n`;
    using family = await familyWith('frontend', dockerfile, 'resolve');
    const since = (await registry.requests()).length;
    // No frontend, so it fails once it is loaded: which one that is is what counts.
    expect(await family.fanfold('run')).toMatchObject({ status: 1 });
    const paths = (await registry.requests())
      .slice(since)
      .filter(({ path, userAgent }) => isManifest(path, 'frontend') && /buildkit|containerd/i.test(userAgent))
      .map(({ path }) => path);
    expect(paths[0]).toBe(`/v2/frontend/manifests/${rootOf(first).digest}`);
    expect(paths.filter((path) => !path.includes('/manifests/sha256:'))).toEqual([]);
  });
});

function isManifest(path: LoggedRequest['path'], repository: string): boolean {
  return path.startsWith(`/v2/${repository}/manifests/`);
}

/** What is in the published image of `app`. */
async function imageFiles(family: TestFamily): Promise<Readonly<Record<string, string>>> {
  const store = await openStores(nodeHost()).open({ kind: 'layout', path: join(family.path, 'out/app') });
  const found = await store.resolve('latest');
  if (found === undefined) throw new Error('nothing is published');
  const index = JSON.parse(await textOf(store.read(found))) as { manifests?: readonly (typeof found)[] };
  return await filesOf(store, index.manifests?.[0] ?? found);
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
