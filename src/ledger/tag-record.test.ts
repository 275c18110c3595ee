import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../content/oci/digest.ts';
import { canonicalJson } from '../content/oci/json.ts';
import { writeBytes } from '../content/store/copy.ts';
import { memoryStore } from '../content/store/memory.ts';
import { type RecordOwner, tagRecordTag } from '../source/project/names.ts';
import { findFamilyMarks, markFor, withMark, writeFamilyMarks } from './family-mark.ts';
import { writeNote } from './note.ts';
import {
  findTagRecord,
  maxTakenTags,
  parseTagRecord,
  type TagRecord,
  type TakenTag,
  tagRecordData,
  tagRecordType,
  writeTagRecord,
} from './tag-record.ts';

const owner: RecordOwner = { kind: 'target', name: 'api', image: 'ghcr.io/acme/api' };
const digest = digestOf(Buffer.from('an index'));
const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const takenTag: fc.Arbitrary<TakenTag> = fc.record(
  {
    commit: fc.oneof(hex(40), hex(64), fc.constant('')),
    ref: fc.string({ maxLength: 40 }),
    timeMs: fc.nat(),
    version: fc.record({ scheme: fc.constantFrom('semver', 'pep440'), version: fc.string({ maxLength: 20 }) }),
    digest: fc.constant(digest),
    keys: hex(64),
    kind: fc.constantFrom('moving', 'immutable'),
  },
  { requiredKeys: ['commit', 'ref', 'digest', 'keys', 'kind'] },
);
const tagName = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
  fc.constant('__proto__'),
  fc.constant('constructor'),
);
const records: fc.Arbitrary<TagRecord> = fc
  .array(
    fc.tuple(
      tagName,
      fc.array(fc.tuple(tagName, takenTag), { minLength: 1 }).map((tags) => new Map(tags)),
    ),
  )
  .map((targets) => new Map(targets));

describe('a tag record', () => {
  test('comes back as it was written, whatever targets and tags are called', async () => {
    await fc.assert(
      fc.asyncProperty(records, async (record) => {
        const store = memoryStore();
        const written = await writeTagRecord(store, owner, record);
        const found = await findTagRecord(store, owner);
        expect(found.digest).toBe(written);
        expect(canonicalJson(tagRecordData(found.record))).toBe(canonicalJson(tagRecordData(record)));
        expect([...found.record.keys()].sort()).toEqual([...record.keys()].sort());
      }),
      { numRuns: 50 },
    );
  });

  test('is empty where there is none, and another owner has another', async () => {
    const store = memoryStore();
    expect(await findTagRecord(store, owner)).toEqual({ record: new Map() });
    await writeTagRecord(store, owner, new Map([['api', new Map([['latest', sample({})]])]]));
    for (const more of [{ kind: 'set' }, { name: 'ap' }, { image: 'ghcr.io/acme/web' }] as const)
      expect((await findTagRecord(store, { ...owner, ...more })).record.size).toBe(0);
  });

  test('equal records have equal digests, in whatever order they were made', async () => {
    const tags = ['a', 'b', 'c'].map((tag) => [tag, sample({})] as const);
    const [one, other] = await Promise.all(
      [tags, [...tags].reverse()].map((list) =>
        writeTagRecord(memoryStore(), owner, new Map([['api', new Map(list)]])),
      ),
    );
    expect(one).toBe(other);
  });

  test('holds no more than it may: what versions took stays longest, then what is newest', async () => {
    const many = Array.from(
      { length: maxTakenTags },
      (_, place) => [`pr-${place}`, sample({ timeMs: place })] as const,
    );
    const version = { scheme: 'semver', version: '1.4.9' } as const;
    const more = [
      ['1.4', sample({ version, timeMs: 0 })] as const,
      ['1.4.9', sample({ version, kind: 'immutable' })] as const,
    ];
    const store = memoryStore();
    await writeTagRecord(store, owner, new Map([['api', new Map([...more, ...many])]]));
    const tags = (await findTagRecord(store, owner)).record.get('api');
    expect(tags?.size).toBe(maxTakenTags);
    expect(['1.4', '1.4.9', 'pr-0', `pr-${maxTakenTags - 1}`].map((tag) => tags?.has(tag))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test.for<readonly [name: string, data: unknown]>([
    ['no record', 'a text'],
    ['another version', { version: 2, taken: [] }],
    ['a field more', { version: 1, taken: [], more: 1 }],
    ['too many', { version: 1, taken: Array.from({ length: maxTakenTags + 1 }, () => entry({})) }],
    ['a commit that is none', { version: 1, taken: [entry({ commit: '--upload-pack=x' })] }],
    ['a tag that is none', { version: 1, taken: [entry({ tag: '../x' })] }],
    ['a digest that is none', { version: 1, taken: [entry({ digest: 'sha256:1' })] }],
    ['an endless ref', { version: 1, taken: [entry({ ref: 'r'.repeat(2000) })] }],
    ['a time that is none', { version: 1, taken: [entry({ timeMs: -1 })] }],
  ])('refuses %s, with its owner in the message', async ([, data]) => {
    expect(() => parseTagRecord(data, owner)).toThrow(/tag record of the target api/);
    const store = memoryStore();
    await writeNote(store, tagRecordTag(owner), tagRecordType, 'api', data);
    await expect(findTagRecord(store, owner)).rejects.toMatchObject({ code: 'ledger.invalid' });
  });

  test('refuses a tag that names something else', async () => {
    const store = memoryStore();
    const index = await writeBytes(
      store,
      'application/vnd.oci.image.index.v1+json',
      Buffer.from('{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'),
    );
    await store.tag(index, tagRecordTag(owner));
    await expect(findTagRecord(store, owner)).rejects.toMatchObject({ code: 'ledger.invalid' });
  });
});

describe('marks of a family', () => {
  const family: RecordOwner = { ...owner, kind: 'family' };
  const mark = (number: number, ...except: readonly string[]) => ({
    commit: `${number}`.padStart(40, '0'),
    timeMs: number,
    except,
  });

  test('a target is marked by the newest commit that found it right', async () => {
    const store = memoryStore();
    const list = withMark(withMark([], mark(1)), mark(2, 'api'));
    await writeFamilyMarks(store, family, new Map([['refs/heads/main', list]]));
    const marks = await findFamilyMarks(store, family);
    expect(markFor(marks, 'refs/heads/main', 'web')).toEqual(mark(2, 'api'));
    expect(markFor(marks, 'refs/heads/main', 'api')).toEqual(mark(1));
    expect(markFor(marks, 'refs/heads/other', 'web')).toBeUndefined();
  });

  test('two runs of one commit add up', () => {
    expect(withMark([mark(1, 'api', 'web')], mark(1, 'web', 'db'))).toEqual([mark(1, 'web')]);
  });

  test('of many refs the newest stay', async () => {
    const store = memoryStore();
    await writeFamilyMarks(
      store,
      family,
      new Map(Array.from({ length: 60 }, (_, place) => [`r${place}`, [mark(place + 1)]])),
    );
    const marks = await findFamilyMarks(store, family);
    expect([marks.size, marks.has('r0'), marks.has('r59')]).toEqual([50, false, true]);
  });
});

function sample(more: Partial<TakenTag>): TakenTag {
  return { commit: '1'.repeat(40), ref: 'refs/heads/main', digest, keys: '2'.repeat(64), kind: 'moving', ...more };
}

function entry(more: object): object {
  return { ...sample({}), target: 'api', tag: 'latest', ...more };
}
