/** The instructions that there are, and the flags that each takes. */

/** Keyword to flags; a flag that takes a value more than once ends in `*`, one that is true or false in `?`. */
const flagsOf = {
  ADD: ['chown', 'chmod', 'link?', 'keep-git-dir?', 'checksum', 'unpack?', 'exclude*'],
  ARG: [],
  CMD: [],
  COPY: ['chown', 'from', 'chmod', 'link?', 'exclude*', 'parents?'],
  ENTRYPOINT: [],
  ENV: [],
  EXPOSE: [],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
  LABEL: [],
  MAINTAINER: [],
  ONBUILD: [],
  RUN: ['mount*', 'network', 'security', 'device*'],
  SHELL: [],
  STOPSIGNAL: [],
  USER: [],
  VOLUME: [],
  WORKDIR: [],
} as const satisfies Record<string, readonly string[]>;

/** An instruction's keyword, in upper case. */
export type Keyword = keyof typeof flagsOf;

/** All keywords. */
export const keywords = Object.keys(flagsOf) as readonly Keyword[];

/** What a flag takes. */
export interface FlagForm {
  readonly name: string;
  readonly kind: 'text' | 'texts' | 'boolean';
}

/** Whether a word in upper case is a keyword. */
export function isKeyword(word: string): word is Keyword {
  return Object.hasOwn(flagsOf, word);
}

/** The flags that an instruction takes. */
export function flagForms(keyword: Keyword): readonly FlagForm[] {
  return flagsOf[keyword].map((form: string) => {
    const name = form.replace(/[?*]$/, '');
    return { name, kind: form.endsWith('?') ? 'boolean' : form.endsWith('*') ? 'texts' : 'text' };
  });
}
