/** Tags that a run does not take, and why, in words: a newer commit or version has them, or they name one thing for good. */
import type { Digest } from '../content/oci/digest.ts';
import type { Taker } from '../ledger/tag-record.ts';

/** Why a tag is not taken. */
export type KeptReason =
  /** A newer commit or version took it. */
  | 'older'
  /** Another commit took it, and history does not say which of them is newer. */
  | 'apart'
  /** It names one thing for good, and that was built from other keys. */
  | 'other-content'
  /** It names one thing for good, and that was built from the same keys: it is right. */
  | 'same-keys'
  /** Another target of its set may not take its tag of that name. */
  | 'set';

/** A tag that a run does not take. */
export interface KeptTag {
  readonly tag: string;
  readonly reason: KeptReason;
  /** The run that would take it. */
  readonly by: Taker;
  /** What took it last, where a record says so; or the newest commit that found it right. */
  readonly taken?: Taker;
  /** What it is to name; absent where that is not known. */
  readonly digest?: Digest;
}

/** Whether people are to know: what is right is not told. */
export function isNotable({ reason }: KeptTag): boolean {
  return reason !== 'same-keys';
}

/** Why the tag stays, as a sentence without its end. */
export function describeKept({ tag, reason, by, taken, digest }: KeptTag): string {
  const at = digest === undefined ? '' : ` at ${digest}`;
  const holder = taken === undefined ? 'another run' : nameOf(taken);
  switch (reason) {
    case 'older':
      return `${tag} stays${at}: ${holder} took it, which is newer than ${nameOf(by)}`;
    case 'apart':
      return `${tag} stays${at}: ${holder} took it, and nothing shows that ${nameOf(by)} is newer; --take-tags moves it`;
    case 'other-content':
      return `${tag} stays${at}: it names one thing for good, which was built from something else; --take-tags moves it`;
    case 'same-keys':
      return `${tag} stays${at}: it was built from the same keys`;
    case 'set':
      return `${tag} stays${at}: another target of its set may not take it`;
    default:
      return reason satisfies never;
  }
}

function nameOf({ commit, ref, version }: Taker): string {
  const of = ref === '' ? '' : ` of ${ref.replace(/^refs\/(?:heads|tags)\//, '')}`;
  const at = commit === '' ? 'a run outside of Git' : `commit ${commit.slice(0, 12)}${of}`;
  return version === undefined ? at : `version ${version.version} (${at})`;
}
