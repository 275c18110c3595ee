/** What is secret on this machine, taken out of every text that leaves. */

/** Remembers secrets and blanks them in text. */
export interface Secrets {
  /** From now on `value` is blanked; values under 4 characters are not, for they would blank ordinary text. */
  add(value: string): void;
  /** `text` without any secret, and without the queries of signed URLs. */
  redact(text: string): string;
}

const shortest = 4;

/** A new, empty set of secrets. */
export function createSecrets(): Secrets {
  const values = new Set<string>();
  return {
    add(value) {
      for (const form of [value, encodeURIComponent(value), Buffer.from(value).toString('base64')]) {
        if (form.length >= shortest) values.add(form);
      }
    },
    redact(text) {
      const longestFirst = [...values].sort((a, b) => b.length - a.length);
      const blanked = longestFirst.reduce((rest, value) => rest.replaceAll(value, '***'), text);
      return blanked.replace(signedQuery, '$1?***').replace(userInfo, '$1***@');
    },
  };
}

const signedQuery = /(https?:\/\/[^\s?"']+)\?[^\s"']*(?:signature|token|credential|sig=)[^\s"']*/gi;
const userInfo = /(https?:\/\/)[^\s/@"']+@/gi;
