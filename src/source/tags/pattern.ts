/** Regular expressions of tag rules: plain, or `/expression/flags`. */

const maxLength = 1000;

/** The expression; undefined where it is none. */
export function parsePattern(text: string): RegExp | undefined {
  const [, inner, flags] = /^\/(.+)\/([a-z]*)$/s.exec(text) ?? [];
  try {
    return text.length > maxLength ? undefined : new RegExp(inner ?? text, (flags ?? '').replace(/[gy]/g, ''));
  } catch {
    return undefined;
  }
}

/** How many groups an expression has; undefined where it is none. */
export function groupsOf(text: string): number | undefined {
  const pattern = parsePattern(text);
  if (pattern === undefined) return undefined;
  const anything = new RegExp(`${pattern.source}|`, pattern.flags);
  return (anything.exec('')?.length ?? 1) - 1;
}
