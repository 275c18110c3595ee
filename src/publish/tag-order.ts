/** Which tags a run may move: never back, never over what is named for good. Decides; asks Git alone, through what it is given. */
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { TakenTag, Taker } from '../ledger/tag-record.ts';
import type { KeptReason, KeptTag } from '../plan/kept-tag.ts';
import type { ResolvedTag } from '../source/tags/resolve.ts';
import { compareVersions } from '../source/tags/version.ts';

/** How commit `a`, the run's own, stands to `b`: by descent alone. */
export type Relate = (
  a: string,
  b: string,
  cancel?: Cancel,
) => Promise<'same' | 'newer' | 'older' | 'apart' | 'unknown'>;

/** How a run stands to what last took a tag; `free` where there is nothing to compare. */
export type Standing = 'free' | 'same' | 'newer' | 'older' | 'apart';

/**
 * By versions, where both have one of one line; where these are equal, or one has none, by commits: descent first. Commits that are apart
 * (a branch was rewritten, a pull request was merged anew, or this clone is older than the other commit) are told by when they were made,
 * if they are of one ref; of two refs nothing is known.
 */
export async function standingOf(run: Taker, last: Taker, relate: Relate, cancel: Cancel = {}): Promise<Standing> {
  const byVersion = compareTakers(run, last);
  if (byVersion !== 0) return byVersion > 0 ? 'newer' : 'older';
  if (run.commit === '' || last.commit === '') return 'free';
  if (run.commit === last.commit) return 'same';
  const relation = await relate(run.commit, last.commit, cancel);
  if (relation !== 'apart' && relation !== 'unknown') return relation;
  if (run.ref === '' || run.ref !== last.ref || run.timeMs === undefined || last.timeMs === undefined) return 'apart';
  return run.timeMs > last.timeMs ? 'newer' : run.timeMs < last.timeMs ? 'older' : 'apart';
}

/** Versions of `api/v1.0.0` and `web/v2.0.0` do not belong together. */
function compareTakers(a: Taker, b: Taker): number {
  if (a.version === undefined || b.version === undefined || lineOf(a.ref) !== lineOf(b.ref)) return 0;
  return compareVersions(a.version, b.version);
}

function lineOf(ref: string): string {
  return ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length).replace(/[^/]*$/, '') : '';
}

/** What is asked of one tag. */
export interface TagQuestion {
  readonly tag: Pick<ResolvedTag, 'name' | 'kind'>;
  readonly run: Taker;
  /** What last took it, by the record. */
  readonly taken: TakenTag | undefined;
  /** What the run would let it name, and a hash of the keys of the legs in it. */
  readonly digest: Digest;
  readonly keys: string;
  /** What it names now in the destinations where it names something. */
  readonly named: readonly Digest[];
}

/** Whether the run takes the tag: undefined where it does, else why not. @throws what `relate` throws */
export async function keptBy(question: TagQuestion, relate: Relate, cancel: Cancel = {}): Promise<KeptTag | undefined> {
  return question.tag.kind === 'immutable'
    ? await keptImmutable(question, relate, cancel)
    : await keptMoving(question.tag, question.run, question.taken, relate, cancel);
}

/**
 * Whether a moving tag stays though no record forbids it: a newer commit found the target as it should be, and so wrote none. (A, B, and C
 * that reverts B: C may be done before B is built.)
 */
export async function keptByMark(
  tag: Pick<ResolvedTag, 'name'>,
  run: Taker,
  mark: Taker | undefined,
  relate: Relate,
  cancel: Cancel = {},
): Promise<KeptTag | undefined> {
  if (mark === undefined || (await standingOf(run, mark, relate, cancel)) !== 'older') return undefined;
  return { tag: tag.name, reason: 'older', by: run, taken: mark };
}

/** Whether a moving tag stays, by what took it last. @throws what `relate` throws */
export async function keptMoving(
  tag: Pick<ResolvedTag, 'name'>,
  run: Taker,
  taken: TakenTag | undefined,
  relate: Relate,
  cancel: Cancel = {},
): Promise<KeptTag | undefined> {
  const standing = taken && (await standingOf(run, taken, relate, cancel));
  if (taken === undefined || (standing !== 'older' && standing !== 'apart')) return undefined;
  return { tag: tag.name, reason: standing, by: run, taken, digest: taken.digest };
}

/** A tag that names one thing for good is taken where it names nothing yet; over something else only as `mayReplace` has it. */
async function keptImmutable(question: TagQuestion, relate: Relate, cancel: Cancel): Promise<KeptTag | undefined> {
  const { taken, digest, keys, named } = question;
  const others = [...new Set(named)].filter((one) => one !== digest);
  if (others.length === 0 || (await mayReplace(question, relate, cancel))) return undefined;
  const settled = others.find((one) => one === taken?.digest) ?? (others.length === 1 ? others[0] : undefined);
  const isRight = taken !== undefined && taken.keys === keys && settled === taken.digest;
  return kept(question, isRight ? 'same-keys' : 'other-content', settled);
}

/** Where the Git tag of that name was moved on, to a descendant; or where the record says that this very index was being put there. */
async function mayReplace(question: TagQuestion, relate: Relate, cancel: Cancel): Promise<boolean> {
  const { run, taken, digest, keys } = question;
  if (taken === undefined) return false;
  if (taken.digest === digest) return true;
  if (taken.keys === keys || !run.ref.startsWith('refs/tags/') || run.ref !== taken.ref) return false;
  if (run.commit === '' || taken.commit === '' || run.commit === taken.commit) return false;
  return (await relate(run.commit, taken.commit, cancel)) === 'newer';
}

function kept({ tag, run, taken }: TagQuestion, reason: KeptReason, digest: Digest | undefined): KeptTag {
  return { tag: tag.name, reason, by: run, ...optional('taken', taken), ...optional('digest', digest) };
}
