import { describe, expect, test } from 'vitest';
import { writeBase } from '../../../test/support/base-image.ts';
import { familyIn, keyOne } from '../../../test/support/keyed-family.ts';
import { keyedLeg } from '../../../test/support/keyed-leg.ts';
import { testRepository } from '../../../test/support/repository.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import { memoryStore } from '../../content/store/memory.ts';
import type { KeyedLeg } from './leg-inputs.ts';
import { runSteps } from './run-steps.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const told = (keyed: KeyedLeg) =>
  runSteps(keyed, amd64).map(({ line, platform }) => `${line} ${formatPlatform(platform)}`);

describe('a leg of linux/s390x runs', () => {
  test.for<[string, string, readonly string[]]>([
    ['nothing where files are arranged', 'FROM scratch\nCOPY a /a\n', []],
    ['its own programs', 'FROM scratch\nCOPY a /a\nRUN true\n', ['3 linux/s390x']],
    [
      'the machine’s in a stage of the machine',
      'FROM --platform=$BUILDPLATFORM scratch AS make\nRUN true\nFROM scratch\nCOPY --from=make / /\n',
      ['2 linux/amd64'],
    ],
    [
      'both',
      'FROM --platform=$BUILDPLATFORM scratch AS make\nRUN true\nFROM scratch\nCOPY --from=make / /\nRUN false\n',
      ['2 linux/amd64', '5 linux/s390x'],
    ],
    ['nothing of a stage that no other needs', 'FROM scratch AS other\nRUN true\nFROM scratch\nCOPY a /a\n', []],
    ['who knows what by another frontend', '# syntax=acme/frontend:1\nFROM scratch\n', ['1 linux/s390x']],
    ['nothing more by Docker’s own', '# syntax=docker/dockerfile:1\nFROM scratch\n', []],
  ])('%s', ([, dockerfile, want]) => {
    expect(told(keyedLeg({ dockerfile, platform: 'linux/s390x' }))).toEqual(want);
  });

  test('what its base adds by ONBUILD', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base.example/made:1\n' });
    const store = memoryStore();
    await writeBase(store, '1', { 'linux/s390x': { onbuild: ['RUN true'] } });
    const keyed = await keyOne(familyIn(repository.path, { api: { platforms: ['linux/s390x'] } }), { store });
    expect(told(keyed)).toEqual(['1 linux/s390x']);
  });
});
