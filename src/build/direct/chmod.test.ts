import { expect, test } from 'vitest';
import { parseChmod } from './chmod.ts';

// The engine judges these in test/builders, too; here each letter stands by itself.
test.for<{ text: string; file: [number, number]; folder?: [number, number] }>([
  { text: '755', file: [0o644, 0o755] },
  { text: '0', file: [0o644, 0] },
  { text: '4711', file: [0o644, 0o4711] },
  { text: 'u=rwx,go=rx', file: [0o600, 0o755] },
  { text: 'go-rwx', file: [0o777, 0o700] },
  { text: '+x', file: [0o644, 0o755] },
  { text: 'a+X', file: [0o644, 0o644], folder: [0o644, 0o755] },
  { text: 'a+X', file: [0o744, 0o755] },
  { text: 'a-X', file: [0o755, 0o644] },
  { text: 'g=u', file: [0o740, 0o770] },
  { text: 'o=g-w', file: [0o660, 0o664] },
  { text: 'u+s', file: [0o755, 0o4755] },
  { text: 'g+s', file: [0o755, 0o2755] },
  { text: 'o+s', file: [0o755, 0o755] },
  { text: '+t', file: [0o755, 0o1755] },
  { text: 'o+t', file: [0o755, 0o755] },
  { text: 'u=', file: [0o755, 0o055] },
  { text: '=', file: [0o7755, 0o1000] },
  { text: 'u=g,g=o,o=u', file: [0o751, 0o515] },
])('$text', ({ text, file, folder }) => {
  const chmod = parseChmod(text);
  expect(chmod.apply(file[0], false).toString(8)).toBe(file[1].toString(8));
  if (folder !== undefined) expect(chmod.apply(folder[0], true).toString(8)).toBe(folder[1].toString(8));
});

test.for(['', '8', '10000', 'x', 'u', 'u=q', 'u+x,', ',u+x', 'rwx', '07b'])('%j is no mode', (text) => {
  expect(() => parseChmod(text)).toThrowError(expect.objectContaining({ code: 'build.instruction' }));
});
