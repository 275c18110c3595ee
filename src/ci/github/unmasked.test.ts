import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withoutMasked } from './unmasked.ts';

describe('an output that holds a masked value', () => {
  test('says the same without holding it', () => {
    const json = JSON.stringify({ include: [{ legs: 'acme/api@linux/amd64', acme: 'an acme' }] });
    const spelled = withoutMasked(json, ['acme', 'linux/amd']);
    expect(spelled).not.toContain('acme');
    expect(spelled).not.toContain('linux/amd');
    expect(JSON.parse(spelled)).toEqual(JSON.parse(json));
  });

  test('whatever stands in either', () => {
    const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('n', '\\', '"', 'u00', 'aa', 'é', '\n'));
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(word, { maxLength: 4 }), (value, words) => {
        const spelled = withoutMasked(JSON.stringify(value), words);
        expect(JSON.parse(spelled)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,20}$/), fc.stringMatching(/^[g-t][g-t]{2,3}$/), (text, secret) => {
        expect(withoutMasked(JSON.stringify(`${text}${secret}${text}`), [secret])).not.toContain(secret);
      }),
    );
  });
});
