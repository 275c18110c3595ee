// What must not be seen in a log, in the forms in which the runner looks for it.

/** Values that are hidden; grows as a job tells more. */
export interface Masks {
  add(value: string): void;
  /** The text with each of them as `***`. */
  hide(text: string): string;
  /** Whether one of them stands in the text. */
  isIn(text: string): boolean;
}

/** Masks of these values. Empty ones are none; each line of a longer one is hidden by itself. */
export function makeMasks(values: readonly string[] = []): Masks {
  const forms = new Set<string>();
  const add = (value: string): void => {
    for (const part of [value, ...value.split(/\r?\n/)].filter((each) => each.trim() !== '')) {
      for (const form of formsOf(part)) forms.add(form);
    }
  };
  for (const value of values) add(value);
  const longestFirst = (): readonly string[] => [...forms].sort((one, other) => other.length - one.length);
  return {
    add,
    hide: (text) => longestFirst().reduce((hidden, form) => hidden.replaceAll(form, '***'), text),
    isIn: (text) => [...forms].some((form) => text.includes(form)),
  };
}

function formsOf(value: string): readonly string[] {
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
  ];
}
