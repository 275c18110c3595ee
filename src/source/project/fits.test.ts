import fc from 'fast-check';
import { describe, test } from 'vitest';
import * as z from 'zod';
import { fits } from './fits.ts';
import { familySchema } from './schema.ts';

const family = {
  destinations: ['ghcr.io/acme', { to: 'oci:out', required: false }],
  platforms: ['linux/amd64'],
  tags: 'type=sha',
  builder: { buildx: { remote: 'push' } },
  attestations: { provenance: false, sbom: true },
  args: { A: '1', B: 2, C: true },
  volatile: ['A', 'label:x'],
  inputs: ['src/**', { go: './cmd/x' }],
  sets: { all: ['*'] },
  sources: [{ matrix: 'm.yml', each: { name: '{a}', latest: true }, when: { a: ['x', 1] } }],
  targets: { a: { bases: 'pinned', 'per-platform': { 'linux/amd64': { runner: 'r', args: { A: 1 } } } } },
};

describe('what fits', () => {
  test('a family of many fields', ({ expect }) => {
    expect(fits(familySchema, family)).toBe(true);
    expect(familySchema.parse(family)).toEqual(family);
  });

  test('whatever is put in any place: what fits, zod gives back unchanged', ({ expect }) => {
    const value = fc.constantFrom(
      '',
      'x',
      'pinned',
      'linux/amd64',
      'label:y',
      0,
      -1,
      true,
      null,
      [],
      ['x'],
      {},
      { to: 'x' },
      { A: 1 },
    );
    const places = placesIn(family);
    const counts = { fit: 0, unfit: 0 };
    fc.assert(
      fc.property(fc.constantFrom(...places), value, (path, put) => {
        const data = withValue(family, path, put);
        const isFit = fits(familySchema, data);
        counts[isFit ? 'fit' : 'unfit']++;
        const parsed = familySchema.safeParse(data);
        expect([path, put, isFit]).toEqual([path, put, parsed.success]);
        if (isFit) expect(parsed.data).toEqual(data);
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(counts.fit, counts.unfit)).toBeGreaterThan(20);
  });

  test.for<{ name: string; schema: z.core.$ZodType; value: unknown }>([
    { name: 'a check', schema: z.string().min(2), value: 'a' },
    { name: 'a pattern', schema: z.string().regex(/^a$/), value: 'b' },
    { name: 'a refinement', schema: z.array(z.string()).refine((list) => list.length > 1), value: ['a'] },
    { name: 'a change of the value', schema: z.string().trim(), value: ' a' },
    { name: 'a default', schema: z.strictObject({ a: z.string().default('x') }), value: {} },
    { name: 'a field that is missing', schema: z.strictObject({ a: z.string() }), value: {} },
    { name: 'a field that is unknown', schema: z.strictObject({ a: z.string().optional() }), value: { b: '' } },
    { name: 'a field of every object', schema: z.strictObject({ a: z.string().optional() }), value: { toString: '' } },
    { name: 'fields that zod would drop', schema: z.object({ a: z.string().optional() }), value: { b: '' } },
    { name: 'a number that is none', schema: z.number(), value: Number.NaN },
    { name: 'a format', schema: z.int(), value: 1.5 },
    { name: 'a kind that is not known here', schema: z.date(), value: new Date(0) },
  ])('not $name', ({ schema, value }, { expect }) => expect(fits(schema, value)).toBe(false));
});

type Path = readonly string[];

function placesIn(value: unknown, path: Path = []): readonly Path[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [...(path.length === 0 ? [] : [path]), ...inner.flatMap(([key, item]) => placesIn(item, [...path, key]))];
}

function withValue(data: unknown, [step, ...rest]: Path, put: unknown): unknown {
  if (step === undefined) return put;
  if (Array.isArray(data))
    return data.map((item, index) => (String(index) === step ? withValue(item, rest, put) : item));
  const entries = Object.entries(data as object);
  return Object.fromEntries(entries.map(([key, item]) => [key, key === step ? withValue(item, rest, put) : item]));
}
