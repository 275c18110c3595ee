import { describe, test } from 'vitest';
import { parsePlatform } from '../content/oci/platform.ts';
import type { RunnerSetting } from '../source/project/github-setting.ts';
import { describeMachine, hostedRunners, machineName, nativePlatforms, runsOn } from './catalog.ts';

const runners: RunnerSetting = {
  'linux/arm64': ['self-hosted', 'arm64'],
  big: { group: 'large', labels: ['linux-64-core'] },
};

describe('a leg runs on', () => {
  test.for([
    { name: 'the hosted runner of its platform', platform: 'linux/amd64', want: 'ubuntu-24.04' },
    { name: 'an arm64 machine where it is arm64', platform: 'linux/arm64', want: 'ubuntu-24.04-arm' },
    { name: 'the default where no runner has its platform', platform: 'linux/riscv64', want: 'ubuntu-24.04' },
    { name: 'a mac where it is macOS', platform: 'darwin/arm64', want: 'macos-15' },
    {
      name: 'the default where it only arranges files',
      platform: 'darwin/arm64',
      anywhere: true,
      want: 'ubuntu-24.04',
    },
    { name: 'its own label before all', platform: 'linux/arm64', runner: 'mine', runners, want: 'mine' },
    { name: 'what its label stands for', platform: 'linux/amd64', runner: 'big', runners, want: runners['big'] },
    { name: 'what its platform is given', platform: 'linux/arm64', runners, want: ['self-hosted', 'arm64'] },
    { name: 'the catalog where its platform is given none', platform: 'linux/amd64', runners, want: 'ubuntu-24.04' },
    {
      name: 'the family’s default before the catalog',
      platform: 'linux/arm64',
      runners: { default: 'mine' },
      want: 'mine',
    },
    {
      name: 'what is given even where it only arranges files',
      platform: 'linux/arm64',
      anywhere: true,
      runners,
      want: ['self-hosted', 'arm64'],
    },
    { name: 'no runner of a prototype', platform: 'linux/amd64', runner: 'toString', runners, want: 'toString' },
  ] as const)('$name', (row, { expect }) => {
    const { want, runners: setting, platform, ...need } = { runners: undefined, ...row };
    expect(runsOn({ ...need, platform: parsePlatform(platform) }, setting)).toEqual(want);
  });
});

test('machines are told apart by their name, and read by people', ({ expect }) => {
  const platform = parsePlatform('linux/amd64');
  expect(machineName({ platform })).toBe('"ubuntu-24.04"');
  expect(machineName({ platform })).toBe(machineName({ platform: parsePlatform('linux/s390x') }));
  expect(describeMachine(machineName({ platform, runner: 'big' }, runners))).toBe('group large, linux-64-core');
  expect(describeMachine(machineName({ platform, runner: 'a"b' }))).toBe('a"b');
});

test('each platform has one native runner, and each runner knows its platforms', ({ expect }) => {
  const all = hostedRunners.flatMap(({ platforms }) => platforms);
  expect(new Set(all).size).toBe(all.length);
  expect(nativePlatforms('ubuntu-24.04-arm')).toEqual([{ os: 'linux', architecture: 'arm64' }]);
  expect(nativePlatforms('mine')).toBeUndefined();
});
