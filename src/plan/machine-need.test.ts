import { describe, expect, test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { runsOn } from '../runners/catalog.ts';
import type { Target } from '../source/project/model.ts';
import { machineNeed } from './machine-need.ts';

const generated = [{ paths: ['bin'], run: ['make'], lock: [] }];

describe('a leg runs on', () => {
  test.for<{ name: string; platform: string; target?: Partial<Target>; want: string }>([
    { name: 'the machine of its platform', platform: 'linux/arm64', want: 'ubuntu-24.04-arm' },
    {
      name: 'any machine where files are arranged',
      platform: 'linux/arm64',
      target: { builder: { kind: 'direct' } },
      want: 'ubuntu-24.04',
    },
    {
      name: 'its own where a command brings the files',
      platform: 'linux/arm64',
      target: { builder: { kind: 'direct' }, generated },
      want: 'ubuntu-24.04-arm',
    },
    {
      name: 'its own where it is tested',
      platform: 'linux/arm64',
      target: { builder: { kind: 'direct' }, test: [['true']] },
      want: 'ubuntu-24.04-arm',
    },
    {
      name: 'macOS where a command makes its binaries',
      platform: 'darwin/arm64',
      target: { generated },
      want: 'macos-15',
    },
    {
      name: 'macOS where it is tested',
      platform: 'darwin/amd64',
      target: { test: [['true']] },
      want: 'macos-15-intel',
    },
    { name: 'Linux where it is macOS and only packed', platform: 'darwin/arm64', want: 'ubuntu-24.04' },
    { name: 'Linux where it is Windows', platform: 'windows/amd64', target: { generated }, want: 'ubuntu-24.04' },
    {
      name: 'Linux where no runner has its system',
      platform: 'freebsd/amd64',
      target: { generated },
      want: 'ubuntu-24.04',
    },
    {
      name: 'what it says, whatever it needs',
      platform: 'darwin/arm64',
      target: { generated, runner: 'my-mac' },
      want: 'my-mac',
    },
  ])('$name', ({ platform, target = {}, want }) => {
    expect(runsOn(machineNeed(keyedLeg({ platform, target }).leg))).toBe(want);
  });
});
