import fc from 'fast-check';
import { test } from 'vitest';
import { compareBytes } from './subtree.ts';

test('names are ordered as their bytes in UTF-8 are', ({ expect }) => {
  // Characters around the places where UTF-16 and UTF-8 disagree.
  const character = fc.constantFrom('a', 'b', '/', '.', 'é', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}');
  const name = fc.array(character, { maxLength: 5 }).map((characters) => characters.join(''));
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(Math.sign(compareBytes(one, other))).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)));
    }),
  );
});
