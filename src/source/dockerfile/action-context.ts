/** What making an action needs beside its instruction: how variables are put in, and what `from` names. */
import type { EscapeCharacter } from './instruction.ts';
import type { CopyOrigin } from './step.ts';

/** How variables are put in. */
export interface Expander {
  /** One word: quotes are taken away. */
  word(text: string): string;
  /** Text that may become several words. */
  words(text: string): readonly string[];
  /** A heredoc's body: quotes stay. */
  body(text: string): string;
}

/** What an action is made with. */
export interface ActionContext {
  readonly escapeCharacter: EscapeCharacter;
  /** Absent while a Dockerfile is only checked: what depends on variables is not looked at then. */
  readonly expander?: Expander;
  /** What `from` names; an image where absent. */
  readonly originOf?: (from: string) => CopyOrigin;
}
