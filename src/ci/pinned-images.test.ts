import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseReference } from '../content/oci/reference.ts';
import { parseInputs } from './job-inputs.ts';
import { binfmtImage, buildkitImage, describeImage } from './pinned-images.ts';

const root = new URL('../../', import.meta.url);

describe('images that run with rights over the machine', () => {
  test.for([
    ['BuildKit', buildkitImage],
    ['the emulators', binfmtImage],
  ])('%s: a version for people, a digest for the machine', ([, image = '']) => {
    expect(describeImage(image)).toBe(image);
    expect(image).toMatch(/:(?:qemu-)?v\d+\.\d+\.\d+@/);
    expect(parseReference(image)).toMatchObject({ location: { kind: 'registry', host: 'docker.io' } });
  });

  test('a job without these inputs takes them, and the action’s file says nothing else', () => {
    const { inputs } = parse(readFileSync(new URL('action.yml', root), 'utf8'));
    const defaults = (name: string): string => (name === 'mode' ? 'leg' : (inputs[name].default ?? ''));
    expect(parseInputs(defaults)).toMatchObject({ buildkitImage, binfmtImage });
  });

  test('Renovate finds both, by the pattern that it is given', () => {
    const { customManagers } = JSON.parse(readFileSync(new URL('.github/renovate.json', root), 'utf8'));
    const [{ matchStrings, managerFilePatterns }] = customManagers;
    const text = readFileSync(new URL('src/ci/pinned-images.ts', root), 'utf8');
    expect(managerFilePatterns).toEqual(['/^src/ci/pinned-images\\.ts$/']);
    const found = [...text.matchAll(new RegExp(matchStrings[0], 'g'))].map(({ groups = {} }) => groups);
    const whole = found.map((one) => `${one['depName']}:${one['currentValue']}@${one['currentDigest']}`);
    expect(whole).toEqual([buildkitImage, binfmtImage]);
  });

  test.for([
    ['moby/buildkit:buildx-stable-1', false],
    [`moby/buildkit@sha256:${'0'.repeat(64)}`, true],
    ['moby/buildkit@sha256:00', false],
    [`mirror.example:5000/buildkit:v1@sha256:${'a'.repeat(64)}`, true],
  ] as const)('%s is taken as it is: %s', ([image, isPinned]) =>
    expect(describeImage(image).includes('without a digest')).toBe(!isPinned),
  );
});
