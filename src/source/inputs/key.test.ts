import { expect, test } from 'vitest';
import { writeBase } from '../../../test/support/base-image.ts';
import { familyIn, keyFamily, type TargetSpec } from '../../../test/support/keyed-family.ts';
import { testRepository } from '../../../test/support/repository.ts';
import { memoryStore } from '../../content/store/memory.ts';

const golden = new URL('../../../test/fixtures/keys/fanfold-key-1.json', import.meta.url);

const dockerfile = `# syntax=base.test/docker/dockerfile:1
ARG VERSION=1
FROM base.test/base:\${VERSION} AS build
ARG FLAVOR MIRROR=none
# a comment is no part of the key
COPY src/\${FLAVOR:-plain} lib /src/
RUN --mount=type=bind,source=scripts,target=/s --mount=type=secret,id=token <<EOF
  make # this is
EOF

FROM scratch AS unused
COPY nothing /

FROM scratch
COPY --from=build /out /
COPY --from=assets . /assets
ENTRYPOINT ["/out"]
`;

const full: TargetSpec = {
  args: { FLAVOR: 'slim', MIRROR: 'mirror.test', SOURCE_DATE_EPOCH: '0', BUILDKIT_MULTI_PLATFORM: '1', UNUSED: 'x' },
  volatile: ['MIRROR'],
  contexts: {
    assets: { kind: 'folder', path: 'assets' },
    below: { kind: 'target', target: 'plain' },
    remote: { kind: 'git', url: 'https://git.test/x.git#main' },
  },
  platforms: ['linux/amd64', 'linux/arm/v7'],
  labels: { 'org.test/label': 'l' },
  annotations: { 'org.test/annotation': 'a' },
  secret: ['id=token,env=TOKEN'],
  ssh: ['default'],
  network: 'none',
  attestations: { provenance: 'max', sbom: true },
  builder: { kind: 'buildx', name: 'mine' },
  generated: [{ paths: ['gen'], run: ['sh', 'scripts/gen.sh'], lock: ['lock.json'] }],
};

/** Changes to this file's fixture are changes of the format: raise its version with them. */
test('the format of keys is as the golden file has it', async () => {
  using repository = await testRepository();
  const store = memoryStore();
  await writeBase(store, '1', { 'linux/amd64': { env: ['A=b'] }, 'linux/arm/v7': { env: ['A=c'] } });
  await repository.commit({
    Dockerfile: dockerfile,
    'plain.Dockerfile': 'FROM scratch\nCOPY lib /\n',
    '.dockerignore': '*.md\n**/*.tmp\n',
    'src/slim/main': 'main',
    'src/plain/main': 'other',
    'lib/a.md': 'not ignored: only the top is',
    'lib/run': { bytes: '#!', executable: true },
    'lib/link': { link: 'run' },
    'scripts/gen.sh': 'gen',
    'assets/x': 'x',
    'lock.json': '{}',
  });
  const family = familyIn(repository.path, {
    full,
    plain: { dockerfile: 'plain.Dockerfile', platforms: ['linux/amd64', 'linux/arm/v7'] },
    command: { builder: { kind: 'command', run: ['ko', 'build'] }, context: 'lib' },
  });
  const { keyed, failed } = await keyFamily(family, { store });
  expect(failed).toEqual([]);
  const found = keyed.map(({ leg, key, document }) => ({ leg: leg.name, key, document: JSON.parse(document) }));
  const text = `${JSON.stringify(found, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(golden.pathname);
  expect(text).not.toMatch(/mirror\.test|a comment|UNUSED|TOKEN|"mine"|nothing/);
});
