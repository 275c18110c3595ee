// A cache of steps in staging, with the real BuildKit: read and written through the endpoint, and never what decides a build.

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildCache, BuildOutcome } from '../../src/build/builder.ts';
import { buildxBuilder } from '../../src/build/buildx.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { readManifest } from '../../src/content/store/copy.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import { openStores } from '../../src/content/store/open.ts';
import { tagView } from '../../src/content/store/tag-view.ts';
import { buildRequest, peersHost, type TestRequest } from '../support/build-request.ts';
import { forgetSteps, newMark } from '../support/forget.ts';
import { imageManifest } from '../support/image-content.ts';
import { pushBusybox } from '../support/images.ts';
import { needs } from '../support/peers.ts';
import { type Registry, startRegistry } from '../support/registry.ts';

const tag = 'x1-of-a-test';

describe.runIf(needs('engine', 'docker', 'docker-registry', 'skopeo'))(
  'a cache in staging',
  { timeout: 180_000 },
  () => {
    let registry: Registry;
    const host = peersHost();

    beforeAll(async () => {
      registry = await startRegistry();
      await pushBusybox(registry.host);
    });
    afterAll(() => registry.stop());

    /** What BuildKit makes of a tool's stage, an early step and a late file, each step named by the mark. */
    const dockerfile = (mark: string): string =>
      [
        `FROM ${registry.host}/busybox AS tools`,
        `RUN echo ${mark} && head -c 3000000 /dev/urandom > /tool-${mark}`,
        `FROM ${registry.host}/busybox`,
        `RUN echo ${mark} && cat /proc/sys/kernel/random/uuid > /early`,
        `COPY --from=tools /tool-${mark} /tool`,
        `COPY late-${mark} /late`,
        `RUN echo ${mark} && wc -c < /late > /size`,
        '',
      ].join('\n');

    /** The view that a leg is lent of its family's staging. */
    const cacheOf = async (staging: string, more: Partial<BuildCache> = {}): Promise<BuildCache> => {
      const location = parseLocation(`${registry.host}/${staging}`);
      const store = await openStores(host).open(location);
      const { writes = true } = more;
      const reads = (await store.resolve(tag)) !== undefined;
      return { store: tagView(store, { tag, writes }), location, tag, mode: 'max', reads, writes, ...more };
    };

    const build = async (
      mark: string,
      late: string,
      cache: BuildCache,
    ): Promise<{ readonly outcome: BuildOutcome; readonly request: TestRequest }> => {
      const request = buildRequest({
        dockerfile: dockerfile(mark),
        files: { [`late-${mark}`]: late },
        target: { attestations: { provenance: 'max', sbom: false } },
        store: memoryStore(),
      });
      return { request, outcome: await buildxBuilder.build({ ...request, cache }, host, {}) };
    };

    const layersOf = async ({ request, outcome }: Awaited<ReturnType<typeof build>>): Promise<readonly string[]> =>
      (await imageManifest(request.store, outcome.manifest)).layers.map(({ digest }) => digest);

    const writesTo = async (staging: string, from = 0): Promise<readonly string[]> =>
      (await registry.requests())
        .slice(from)
        .filter(({ method, status }) => ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method) && status < 400)
        .map(({ method, path }) => `${method} ${path}`)
        .filter((line) => line.includes(` /v2/${staging}/`));

    test('a builder that remembers nothing takes the early steps from it, with the very layers', async () => {
      const mark = newMark();
      const first = await build(mark, 'one', await cacheOf('max'));
      expect(first.outcome.cache).toMatchObject({ steps: 5, cachedSteps: 0, readBytes: 0 });
      expect(first.outcome.cache?.writtenBytes).toBeGreaterThan(3_000_000);
      expect(first.outcome.cache?.exportMs).toBeGreaterThanOrEqual(0);
      await forgetSteps(mark);
      const second = await build(mark, 'two', await cacheOf('max'));
      // With mode=max also what the tools' stage made; the late COPY and what comes after it run.
      expect(second.outcome.cache).toMatchObject({ steps: 5, cachedSteps: 3 });
      expect(second.outcome.cache?.readBytes).toBeGreaterThan(3_000_000);
      expect(second.outcome.cache?.writtenBytes).toBeLessThan(1_000_000);
      const [before, now] = [await layersOf(first), await layersOf(second)];
      expect(now.slice(0, 3)).toEqual(before.slice(0, 3));
      expect(now[3]).not.toBe(before[3]);
      expect([...first.request.notices(), ...second.request.notices()]).toEqual([]);
      expect(second.request.log()).not.toMatch(/ERROR/);
    });

    test('the same build with and without a cache is the same image; neither names the endpoint', async () => {
      const mark = newMark();
      const cached = await build(mark, 'same', await cacheOf('same'));
      const plain = await build(mark, 'same', { ...(await cacheOf('none')), reads: false, writes: false });
      expect(plain.outcome.manifest.digest).toBe(cached.outcome.manifest.digest);
      await forgetSteps(mark);
      const again = await build(mark, 'same', await cacheOf('same'));
      expect(await layersOf(again)).toEqual(await layersOf(cached));
      const manifest = Buffer.from((await readManifest(again.request.store, again.outcome.manifest)).bytes).toString();
      expect(manifest).not.toContain('127.0.0.1');
      expect(again.request.notices()).toEqual([]);
    });

    test('one that is only read stays as it is, and one that is not there is no word in the log', async () => {
      const mark = newMark();
      const before = (await registry.requests()).length;
      const none = await build(mark, 'one', { ...(await cacheOf('read')), writes: false });
      expect(none.request.log()).not.toMatch(/importing cache|exporting cache|ERROR/);
      await build(mark, 'two', await cacheOf('read'));
      const written = await writesTo('read', before);
      const tags = written.flatMap((line) => /\/manifests\/(?!sha256:)(.+)$/.exec(line)?.[1] ?? []);
      expect(tags).toEqual([tag]);
      await forgetSteps(mark);
      const reader = await build(mark, 'six', await cacheOf('read', { writes: false }));
      expect(reader.outcome.cache).toMatchObject({ steps: 5, cachedSteps: 3, writtenBytes: 0 });
      expect(reader.outcome.cache).not.toHaveProperty('exportMs');
      expect(await writesTo('read', before)).toEqual(written);
    });

    test('one whose layers are gone is left: the leg is built without it, and a notice says so', async () => {
      const mark = newMark();
      const first = await build(mark, 'one', await cacheOf('broken'));
      await forgetSteps(mark);
      // A collector's mistake: the cache's manifest names what the registry does not hold any more.
      for (const digest of (await layersOf(first)).slice(1))
        rmSync(join(registry.storageFolder, 'docker/registry/v2/blobs/sha256', digest.slice(7, 9), digest.slice(7)), {
          recursive: true,
          force: true,
        });
      const second = await build(mark, 'two', await cacheOf('broken', { writes: false }));
      expect(second.outcome.cache).toMatchObject({ steps: 5, cachedSteps: 0 });
      expect(second.request.notices()).toEqual([
        expect.stringMatching(/^the cache cannot be read \(.*\): built again without it$/),
      ]);
      expect(await layersOf(second)).toHaveLength(5);
    });

    test('one that cannot be written is a notice, and the leg is built', async () => {
      const mark = newMark();
      await using full = await startRegistry({ readOnly: true });
      const location = parseLocation(`${full.host}/full`);
      const store = tagView(await openStores(host).open(location), { tag, writes: true });
      const { request, outcome } = await build(mark, 'one', {
        store,
        location,
        tag,
        mode: 'max',
        reads: false,
        writes: true,
      });
      expect(await imageManifest(request.store, outcome.manifest)).toMatchObject({ layers: expect.any(Array) });
      expect(request.notices()).toEqual([expect.stringMatching(/^the cache was not written \(/)]);
    });

    test('a step that fails is told as ever, whatever the cache', async () => {
      const mark = newMark();
      await build(mark, 'one', await cacheOf('failing'));
      await forgetSteps(mark);
      const request = buildRequest({
        dockerfile: `${dockerfile(mark)}RUN echo ${mark} && exit 3\n`,
        files: { [`late-${mark}`]: 'one' },
      });
      const built = buildxBuilder.build({ ...request, cache: await cacheOf('failing') }, host, {});
      await expect(built).rejects.toMatchObject({ code: 'build.failed', place: { line: 8 } });
      expect(request.notices()).toEqual([]);
    });

    test('the docker driver reads and writes one, too', async () => {
      const mark = newMark();
      const request = buildRequest({
        dockerfile: dockerfile(mark),
        files: { [`late-${mark}`]: 'one' },
        target: { builder: { kind: 'buildx', name: 'default' } },
      });
      const outcome = await buildxBuilder.build({ ...request, cache: await cacheOf('docker') }, host, {});
      expect(outcome.cache?.writtenBytes).toBeGreaterThan(3_000_000);
      expect(request.notices()).toEqual([]);
      expect((await cacheOf('docker')).reads).toBe(true);
    });
  },
);
