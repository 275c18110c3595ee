// The generated GitLab pipeline, parent and child, carried out as processes by gitlab-ci-local: full, again, one change, a leg that fails.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { testFamily } from '../support/family.ts';
import { needs, requirePeer } from '../support/peers.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What stands in an OCI layout under a tag; undefined where nothing does. */
function digestAt(layout: string, tag: string): string | undefined {
  try {
    const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as {
      manifests: { digest: string; annotations?: Record<string, string> }[];
    };
    return manifests.find(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === tag)?.digest;
  } catch {
    return undefined;
  }
}

describe.runIf(needs('gitlab-ci-local'))('the GitLab pipeline', () => {
  test('builds and publishes; then nothing; then what changed; and what is complete where a leg fails', async () => {
    using out = temporaryFolder('gitlab-out');
    const at = (destination: string, image: string) => digestAt(join(out.path, destination, image), 'latest');
    const yaml = (web: string): string =>
      [
        `destinations: ["oci:${out.path}/one", "oci:${out.path}/two"]`,
        'platforms: [linux/amd64, linux/arm64]',
        'tags: type=raw,value=latest',
        `targets: { api: { dockerfile: api.Dockerfile }, web: { dockerfile: web.Dockerfile${web} } }`,
        `gitlab: { command: [${JSON.stringify(process.execPath)}, ${JSON.stringify(inject('cli'))}] }`,
      ].join('\n');
    using family = await testFamily({
      'fanfold.yaml': yaml(''),
      'api.Dockerfile': 'FROM scratch\nCOPY api.txt /\n',
      'web.Dockerfile': 'FROM scratch\nCOPY web.txt /\n',
      'api.txt': 'one',
      'web.txt': 'one',
      '.gitignore': '.gitlab-ci-local\n',
    });
    expect(await family.fanfold('generate', 'gitlab')).toMatchObject({ status: 0 });
    await family.commit();
    execFileSync('git', ['remote', 'add', 'origin', 'https://gitlab.test/acme/images.git'], { cwd: family.path });
    const pipeline = () =>
      run(requirePeer('gitlab-ci-local'), ['--force-shell-executor', '--no-color'], {
        cwd: family.path,
        env: { PATH: process.env['PATH'] ?? '', HOME: family.path, DOCKER_CONFIG: '/dev/null' },
        timeoutMs: 110_000,
      });

    const first = await pipeline();
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining('2 targets published') });
    const api = at('one', 'api');
    expect(api).toMatch(/^sha256:/);
    expect(at('two', 'api')).toBe(api);
    expect(at('two', 'web')).toBe(at('one', 'web'));

    expect((await pipeline()).stdout).toContain('nothing to do');

    writeFileSync(join(family.path, 'web.txt'), 'two');
    const web = at('one', 'web');
    const changed = await pipeline();
    expect(changed.stdout).toContain('1 targets published, 1 as they were');
    expect(at('one', 'api')).toBe(api);
    expect(at('one', 'web')).not.toBe(web);

    writeFileSync(join(family.path, 'api.txt'), 'three');
    writeFileSync(join(family.path, 'fanfold.yaml'), yaml(', builder: { command: ["false"] }'));
    const failed = await pipeline();
    expect(failed.status).not.toBe(0);
    expect(at('one', 'api')).not.toBe(api);
    expect(at('two', 'api')).toBe(at('one', 'api'));
  });
});
