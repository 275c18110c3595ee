/**
 * Outputs that GitHub keeps: it drops, without a word, an output of a job that holds a masked value, and a user name that is kept as a secret may
 * be part of every reference.
 */

/** The same JSON with each of `masked` in its texts spelled so that no search finds it: the first character as an escape. */
export function withoutMasked(json: string, masked: readonly string[]): string {
  const words = [...new Set(masked)].filter((word) => word !== '').sort((a, b) => b.length - a.length);
  if (words.length === 0) return json;
  return json.replace(/"(?:[^"\\]|\\.)*"/g, (literal) => `"${spell(JSON.parse(literal) as string, words)}"`);
}

/** A text's JSON, without the quotes around it. */
function spell(text: string, words: readonly string[]): string {
  const found = words
    .map((word) => ({ word, at: text.indexOf(word) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at || b.word.length - a.word.length)[0];
  if (found === undefined) return JSON.stringify(text).slice(1, -1);
  const { at } = found;
  const before = JSON.stringify(text.slice(0, at)).slice(1, -1);
  const first = `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  return `${before}${first}${spell(text.slice(at + 1), words)}`;
}
