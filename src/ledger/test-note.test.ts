import { describe, test } from 'vitest';
import type { Digest } from '../content/oci/digest.ts';
import { memoryStore } from '../content/store/memory.ts';
import type { Key } from '../source/inputs/leg-inputs.ts';
import { testTag } from '../source/project/names.ts';
import { writeNote } from './note.ts';
import { hasPassed, notePassed, type Tested, testNoteType } from './test-note.ts';

const tested: Tested = {
  key: 'ab'.repeat(32) as Key,
  leg: 'api@linux/amd64',
  commands: [['check', '--all'], ['other']],
  image: `sha256:${'12'.repeat(32)}` as Digest,
};
const tag = testTag(tested.key, tested.leg, tested.commands);
const passed = { run: 'run 7', passedMs: 1_700_000_000_000 };

describe('that tests passed', () => {
  test.for<{ name: string; asked: Partial<Tested>; want: boolean }>([
    { name: 'is found for what was tested', asked: {}, want: true },
    { name: 'says nothing of another key', asked: { key: 'cd'.repeat(32) as Key }, want: false },
    { name: 'of another leg with the key', asked: { leg: 'worker@linux/amd64' }, want: false },
    { name: 'of other commands', asked: { commands: [['check'], ['other']] }, want: false },
    { name: 'of the same words in other commands', asked: { commands: [['check', '--all', 'other']] }, want: false },
    { name: 'of other bytes under the key', asked: { image: `sha256:${'34'.repeat(32)}` as Digest }, want: false },
  ])('$name', async ({ asked, want }, { expect }) => {
    const staging = memoryStore();
    expect(await hasPassed(staging, tested)).toBe(false);
    await notePassed(staging, tested, passed);
    expect(await hasPassed(staging, { ...tested, ...asked })).toBe(want);
  });

  test.for<{ name: string; type?: string; data: unknown }>([
    { name: 'a note of another type', type: 'application/vnd.example', data: tested },
    { name: 'a list', data: [] },
    { name: 'text', data: 'passed' },
    { name: 'nothing', data: null },
    { name: 'a note without its image', data: { key: tested.key, leg: tested.leg } },
    { name: 'a note with more than it holds', data: { key: tested.key, leg: tested.leg, image: tested.image, no: 1 } },
  ])('is not said by $name under its tag', async ({ type = testNoteType, data }, { expect }) => {
    const staging = memoryStore();
    await writeNote(staging, tag, type, 'api', data);
    expect(await hasPassed(staging, tested)).toBe(false);
  });

  test('a staging that does not answer is no answer', async ({ expect }) => {
    const broken = { ...memoryStore(), resolve: () => Promise.reject(new Error('no answer')) };
    delete (broken as { readNamed?: unknown }).readNamed;
    await expect(hasPassed(broken, tested)).rejects.toThrow('no answer');
  });
});
