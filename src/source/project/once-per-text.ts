/** Texts that many targets of a large family repeat, understood once. */

/** `make`, asked once for each text. What it throws is thrown each time. */
export function oncePerText<T extends object>(make: (text: string) => T): (text: string) => T {
  const made = new Map<string, T>();
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const value = make(text);
    made.set(text, value);
    return value;
  };
}
