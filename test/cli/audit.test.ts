// `fanfold audit`: what no key can see is found by building again.
import { expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import { openStores } from '../../src/content/store/open.ts';
import { type BaseConfig, writeBase } from '../support/base-image.ts';
import { familyYaml, testFamily } from '../support/family.ts';

const files = {
  'fanfold.yaml': familyYaml(['oci:out'], {
    api: 'contexts: { base: "oci-layout://base:1" }\nbases: ignore',
    plain: 'labels: { revision: "1" }\nvolatile: ["label:revision"]',
    top: 'contexts: { below: "target:plain" }',
  }),
  'api/Dockerfile': 'FROM base\nCOPY file /file\n',
  'api/file': 'api',
  'plain/Dockerfile': 'FROM scratch\nCOPY file /file\n',
  'plain/file': 'plain',
  'top/Dockerfile': 'FROM below\nCOPY file /top\n',
  'top/file': 'top',
  '.gitignore': 'out\nbase\n',
};

async function base(root: string, config: BaseConfig): Promise<void> {
  const store = await openStores(nodeHost()).open({ kind: 'layout', path: `${root}/base` });
  await writeBase(store, '1', { 'linux/amd64': config });
}

test('a base that changed under an ignored name is a suspected miss, and nothing else is', {
  timeout: 60_000,
}, async () => {
  using family = await testFamily(files);
  await base(family.path, { env: ['A=1'] });
  expect(await family.fanfold('build')).toMatchObject({ status: 0 });
  const same = await family.fanfold('audit', '--json');
  expect(same).toMatchObject({ status: 0 });
  expect(JSON.parse(same.stdout)).toMatchObject({
    built: 3,
    audited: [{ kind: 'same' }, { kind: 'same' }, { kind: 'same' }],
  });

  await base(family.path, { env: ['A=2'] });
  await family.commit({ 'fanfold.yaml': files['fanfold.yaml'].replace('"1"', '"2"') });
  const found = await family.fanfold('audit');
  expect(found.status).toBe(1);
  expect(found.stdout).toContain('differs  api@linux/amd64: a suspected miss\n    changed config: config.Env');
  expect(found.stdout).toContain('same     plain@linux/amd64');
  expect(found.stdout).toContain('same     top@linux/amd64');
});

test('a seed chooses, always the same', async () => {
  using family = await testFamily(files);
  await base(family.path, {});
  await family.fanfold('build');
  const legs = async (seed: string): Promise<string> => {
    const { stdout } = await family.fanfold('audit', '--sample', '1', '--seed', seed, '--json');
    const { audited } = JSON.parse(stdout) as { audited: readonly { leg: string }[] };
    return audited.map(({ leg }) => leg).join();
  };
  const chosen = [await legs('a'), await legs('b'), await legs('c'), await legs('d')];
  expect(new Set(chosen).size).toBeGreaterThan(1);
  expect(await legs('a')).toBe(chosen[0]);
});
