import { describe, expect, test } from 'vitest';
import { keyedLeg, type LegDifferences } from '../../test/support/keyed-leg.ts';
import type { Builder, BuilderKind } from './builder.ts';
import { type Builders, chooseBuilder } from './choose.ts';
import type { Machine } from './machine.ts';

const builderOf = (kind: BuilderKind): Builder => ({
  kind,
  build: async () => {
    throw new Error('nothing is built here');
  },
});
const builders: Builders = {
  direct: builderOf('direct'),
  buildx: builderOf('buildx'),
  buildah: builderOf('buildah'),
  command: builderOf('command'),
};
const withRun = 'FROM scratch AS other\nRUN ["/x"]\nFROM scratch\nCOPY . /\nRUN ["/y"]\n';
const choose = (leg: LegDifferences, machine: Machine) => chooseBuilder(keyedLeg(leg), async () => machine, builders);

describe('the builder is', () => {
  test.for<{ name: string; leg: LegDifferences; machine: Machine; want: BuilderKind; reason: string }>([
    {
      name: 'direct without RUN',
      leg: {},
      machine: { buildx: '1' },
      want: 'direct',
      reason: 'nothing in the Dockerfile needs a daemon',
    },
    {
      name: 'direct where RUN is not reached',
      leg: { dockerfile: 'FROM scratch AS a\nRUN ["/x"]\nFROM scratch\n' },
      machine: {},
      want: 'direct',
      reason: 'nothing',
    },
    {
      name: 'buildx for RUN',
      leg: { dockerfile: withRun },
      machine: { buildx: '0.29.1', buildah: '1.43' },
      want: 'buildx',
      reason: 'line 5 of Dockerfile: RUN runs a program; Buildx 0.29.1 is here',
    },
    {
      name: 'buildah without Buildx',
      leg: { dockerfile: withRun },
      machine: { buildah: '1.43' },
      want: 'buildah',
      reason: 'no Buildx answers, Buildah 1.43 is here',
    },
    {
      name: 'as configured, whatever is needed',
      leg: { dockerfile: withRun, target: { builder: { kind: 'buildah' } } },
      machine: {},
      want: 'buildah',
      reason: 'the configuration says buildah',
    },
    {
      name: 'as configured, a command',
      leg: { target: { builder: { kind: 'command', run: ['ko'] } } },
      machine: {},
      want: 'command',
      reason: 'the configuration says command',
    },
  ])('$name', async ({ leg, machine, want, reason }) => {
    const choice = await choose(leg, machine);
    expect(choice.builder.kind).toBe(want);
    expect(choice.reason).toContain(reason);
  });
});

test('where nothing can run RUN, the error names its line and what to install', async () => {
  const choice = choose({ dockerfile: withRun }, {});
  await expect(choice).rejects.toMatchObject({
    code: 'build.builder',
    place: { target: 'app', file: 'Dockerfile', line: 5 },
    hint: expect.stringContaining('install Docker with Buildx'),
  });
});

describe('a system whose programs no build runs', () => {
  const packed = 'FROM --platform=$BUILDPLATFORM scratch AS make\nRUN ["/x"]\nFROM scratch\nCOPY --from=make / /\n';

  test.for(['darwin/arm64', 'windows/amd64', 'freebsd/amd64'])('RUN of %s is refused at its line', async (platform) => {
    const choice = choose({ dockerfile: withRun, platform }, { buildx: '1', buildah: '1' });
    await expect(choice).rejects.toMatchObject({
      code: 'build.builder',
      message: `line 5 of Dockerfile runs a program of ${platform}, and a build runs programs of Linux`,
      place: { file: 'Dockerfile', line: 5 },
      hint: expect.stringContaining('FROM --platform=$BUILDPLATFORM'),
    });
  });

  test('a stage of the building machine is Buildx’s, and where there is none the way out is told', async () => {
    const leg = { dockerfile: packed, platform: 'darwin/arm64' };
    expect((await choose(leg, { buildx: '1' })).builder.kind).toBe('buildx');
    await expect(choose(leg, {})).rejects.toMatchObject({ hint: expect.stringContaining('runner: ubuntu-24.04') });
  });

  test('a builder that the family names may run it', async () => {
    const target = { builder: { kind: 'buildx', name: 'windows' } } as const;
    expect((await choose({ dockerfile: withRun, platform: 'windows/amd64', target }, {})).builder.kind).toBe('buildx');
  });
});

test('a machine is asked only where a program is needed', async () => {
  const asked = () => Promise.reject(new Error('asked'));
  expect((await chooseBuilder(keyedLeg(), asked, builders)).builder.kind).toBe('direct');
  await expect(chooseBuilder(keyedLeg({ dockerfile: withRun }), asked, builders)).rejects.toThrow('asked');
});
