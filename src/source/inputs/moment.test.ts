import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeBase } from '../../../test/support/base-image.ts';
import { familyIn, keyFamily, keyOne } from '../../../test/support/keyed-family.ts';
import { testRepository } from '../../../test/support/repository.ts';
import { type Digest, digestOf } from '../../content/oci/digest.ts';
import { memoryStore } from '../../content/store/memory.ts';
import { formatMoment, handedMoment, maxMomentBytes, parseMoment } from './moment.ts';

const digest = digestOf('x');
const whole = { version: 1, nowMs: 5, bases: { 'docker.io/library/debian:12': digest } };

describe('a moment as another job gets it', () => {
  const ofBases = (count: number) => ({
    nowMs: 5,
    bases: new Map(Array.from({ length: count }, (_, place) => [`ghcr.io/acme/base-${place}:1`, digest] as const)),
  });

  test('is its text, as long as a process takes one in its environment', () => {
    const text = handedMoment(ofBases(1000));
    expect(text).toBe(formatMoment(ofBases(1000)));
    const seen = spawnSync('node', ['-p', 'process.env.INPUT_MOMENT.length'], {
      env: { ...process.env, INPUT_MOMENT: text },
      encoding: 'utf8',
    });
    expect(Number(seen.stdout)).toBe(text.length);
  });

  test('is refused where no process would start with it', () => {
    const moment = ofBases(1400);
    expect(() => handedMoment(moment)).toThrow(expect.objectContaining({ code: 'plan.limit' }));
    const { error } = spawnSync('node', ['-v'], { env: { ...process.env, INPUT_MOMENT: formatMoment(moment) } });
    expect(error).toMatchObject({ code: 'E2BIG' });
  });
});

describe('a moment as text', () => {
  test('is read back as it was, whatever the order', () => {
    const name = fc
      .tuple(fc.constantFrom('ghcr.io', 'docker.io', '127.0.0.1:5000'), fc.stringMatching(/^[a-z]{1,8}\/[a-z]{1,8}$/))
      .map(([host, repository]) => `${host}/${repository}:1`);
    fc.assert(
      fc.property(fc.nat(), fc.uniqueArray(name), (nowMs, names) => {
        const moment = { nowMs, bases: new Map(names.map((one) => [one, digestOf(one)])) };
        const text = formatMoment(moment);
        expect(parseMoment(text)).toEqual(moment);
        expect(formatMoment({ nowMs, bases: new Map([...moment.bases].reverse()) })).toBe(text);
      }),
    );
  });

  test.for<[string, string]>([
    ['no JSON', '{'],
    ['a list', '[]'],
    ['another version', JSON.stringify({ ...whole, version: 2 })],
    ['no version', JSON.stringify({ ...whole, version: undefined })],
    ['a time as text', JSON.stringify({ ...whole, nowMs: '5' })],
    ['a time before 1970', JSON.stringify({ ...whole, nowMs: -1 })],
    ['a time that no calendar has', JSON.stringify({ ...whole, nowMs: 9e15 })],
    ['no bases', JSON.stringify({ ...whole, bases: undefined })],
    ['bases as a list', JSON.stringify({ ...whole, bases: [] })],
    ['a base without a digest', JSON.stringify({ ...whole, bases: { 'docker.io/library/debian:12': 'latest' } })],
    ['a digest with more behind it', JSON.stringify({ ...whole, bases: { 'docker.io/a/b:1': `${digest}\nx` } })],
    ['a name that is no reference', JSON.stringify({ ...whole, bases: { '--x': digest } })],
    ['a name that is not as it is looked up', JSON.stringify({ ...whole, bases: { debian: digest } })],
    ['a name with a digest', JSON.stringify({ ...whole, bases: { [`docker.io/a/b@${digest}`]: digest } })],
    ['a layout, which is on one machine alone', JSON.stringify({ ...whole, bases: { 'oci:/x:1': digest } })],
    ['__proto__', `{"version":1,"nowMs":5,"bases":{"__proto__":${JSON.stringify(digest)}}}`],
    ['more than is read', `{"version":1,"nowMs":5,"bases":{},"x":"${'x'.repeat(maxMomentBytes)}"}`],
    ['more bases than there are', JSON.stringify({ ...whole, bases: many(5000) })],
    ['nesting without end', `{"version":1,"nowMs":5,"bases":{},"x":${'['.repeat(5000)}${']'.repeat(5000)}}`],
  ])('refuses %s', ([, text]) => {
    expect(() => parseMoment(text)).toThrow(
      expect.objectContaining({ code: 'usage.invalid', message: expect.stringContaining('the moment cannot be read') }),
    );
  });
});

function many(count: number): Readonly<Record<string, Digest>> {
  return Object.fromEntries(Array.from({ length: count }, (_, place) => [`docker.io/a/b:${place}`, digest]));
}

describe('keys under a moment', () => {
  test('a base that moved since keeps the digest of the moment; another reference is resolved now', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base.test/base:1\n', other: 'FROM base.test/base:2\n' });
    const family = familyIn(repository.path, { api: {}, later: { dockerfile: 'other' } });
    const store = memoryStore();
    const old = await writeBase(store, '1', { 'linux/amd64': { env: ['A=1'] } });
    await writeBase(store, '2', { 'linux/amd64': {} });
    const first = await keyFamily(family, { store, only: ({ target }) => target.name === 'api' });
    expect([...first.moment.bases]).toEqual([['base.test/base:1', old]]);
    await writeBase(store, '1', { 'linux/amd64': { env: ['A=2'] } });
    const moment = parseMoment(formatMoment(first.moment));
    const second = await keyFamily(family, { store, moment });
    expect(second.keyed[0]?.key).toBe(first.keyed[0]?.key);
    expect(second.moment.bases.get('base.test/base:1')).toBe(old);
    expect([...second.moment.bases.keys()].sort()).toEqual(['base.test/base:1', 'base.test/base:2']);
    expect((await keyFamily(family, { store })).keyed[0]?.key).not.toBe(first.keyed[0]?.key);
  });

  test("the plan's time decides the period of `refresh`", async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM scratch\n' });
    const family = familyIn(repository.path, { api: { refresh: 'daily' } });
    const at = (nowMs: number) => keyOne(family, { moment: { nowMs, bases: new Map() } });
    expect((await at(0)).key).toBe((await at(0)).key);
    expect((await at(0)).key).not.toBe((await at(48 * 3_600_000)).key);
  });

  test('a digest of the moment that is gone is told, not resolved anew', async () => {
    using repository = await testRepository();
    await repository.commit({ Dockerfile: 'FROM base.test/base:1\n' });
    const family = familyIn(repository.path, { api: {} });
    const store = memoryStore();
    await writeBase(store, '1', { 'linux/amd64': {} });
    const moment = { nowMs: 0, bases: new Map([['base.test/base:1', digest]]) };
    await expect(keyOne(family, { store, moment })).rejects.toMatchObject({ code: 'inputs.base' });
  });
});
