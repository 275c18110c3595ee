/** The members of a fan-out: what is asked of all of them at once, and how one that may be missing is dropped. */
import { type ErrorDetails, FanfoldError, isFanfoldError, messageOf } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Clock } from '../../base/host/clock.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Mounts, Store, Uploads } from './store.ts';

/** One store behind a fan-out. */
export interface Member {
  /** What events and errors call it. */
  readonly name: string;
  readonly store: Store & Partial<Uploads & Mounts>;
  /** Whether nothing may be written without it (staging). */
  readonly required: boolean;
  /** Repositories on its own registry that may hold the blobs already; or those that may hold one of them. */
  readonly mountFrom?: readonly string[] | ((blob: Descriptor) => readonly string[]);
}

/** Who is still written to. */
export interface Members {
  /** Those that were not dropped, in their order; never none. @throws FanfoldError where all were dropped */
  live(): readonly Member[];
  dropped(): ReadonlyMap<string, unknown>;
  /** From now on it is left out. Does nothing for one that is dropped already. */
  drop(member: Member, problem: unknown): void;
  /**
   * Does `work` for all at once and gives what came of it, members that were dropped left out. A required member's failure ends the
   * work for all; one that is not required is dropped when it fails, or takes longer than the lag after all required are done.
   * @throws the failure of a required member, naming it; the signal's reason
   */
  each<T>(members: readonly Member[], work: Work<T>, cancel: Cancel): Promise<ReadonlyMap<Member, T>>;
}

/** What is done for one member. */
export type Work<T> = (member: Member, cancel: Cancel) => Promise<T>;

/** How long the others wait for a member that is not required, and who hears of it. */
export interface MembersOptions {
  readonly clock: Clock;
  readonly lagMs: number;
  readonly onDrop: (member: Member, problem: unknown) => void;
}

/** All are live at first. */
export function createMembers(members: readonly Member[], options: MembersOptions): Members {
  const dropped = new Map<Member, unknown>();
  const own: Members = {
    live() {
      const live = members.filter((member) => !dropped.has(member));
      if (live.length === 0) throw noneLeft(dropped);
      return live;
    },
    dropped: () => new Map([...dropped].map(([member, problem]) => [member.name, problem])),
    drop(member, problem) {
      if (dropped.has(member)) return;
      dropped.set(member, problem);
      options.onDrop(member, problem);
    },
    each: (some, work, cancel) => doForEach(own, some, work, options, cancel),
  };
  return own;
}

/** One member's work under way. */
export interface Running<T> {
  readonly member: Member;
  /** Never rejects. */
  readonly ended: Promise<{ readonly value: T } | { readonly error: unknown }>;
  /** Ends it with a reason. */
  stop(reason: unknown): void;
}

/** Starts work for one member, with a signal of its own that ends with the caller's. */
export function start<T>(member: Member, work: Work<T>, cancel: Cancel): Running<T> {
  const controller = new AbortController();
  const signal = cancel.signal === undefined ? controller.signal : AbortSignal.any([cancel.signal, controller.signal]);
  const ended = (async () => await work(member, { signal }))().then(
    (value) => ({ value }),
    (error: unknown) => ({ error: signal.aborted ? signal.reason : error }),
  );
  return { member, ended, stop: (reason) => controller.abort(reason) };
}

async function doForEach<T>(
  members: Members,
  some: readonly Member[],
  work: Work<T>,
  options: MembersOptions,
  cancel: Cancel,
): Promise<ReadonlyMap<Member, T>> {
  cancel.signal?.throwIfAborted();
  const running = some.map((member) => start(member, work, cancel));
  return await settle(members, running, options.lagMs, options.clock, cancel);
}

/** Waits for all, as `each` says; `lagMs` is what those that are not required may still take once the required are done. */
export async function settle<T>(
  members: Members,
  running: readonly Running<T>[],
  lagMs: number,
  clock: Clock,
  cancel: Cancel,
): Promise<ReadonlyMap<Member, T>> {
  const results = new Map<Member, T>();
  let failure: { readonly error: unknown } | undefined;
  await Promise.all(
    running
      .filter(({ member }) => member.required)
      .map(async ({ member, ended }) => {
        const end = await ended;
        if ('value' in end) results.set(member, end.value);
        else if (failure === undefined) {
          failure = { error: end.error };
          if (!cancel.signal?.aborted) failure = { error: namedFailure(member, end.error) };
          for (const other of running) other.stop(failure.error);
        }
      }),
  );
  const optional = running.filter(({ member }) => !member.required);
  if (failure === undefined) await waitForOptional(optional, lagMs, clock);
  for (const { member, ended } of optional) {
    const end = await ended;
    if ('value' in end) results.set(member, end.value);
    else if (failure === undefined && !cancel.signal?.aborted) members.drop(member, end.error);
  }
  if (failure !== undefined) throw failure.error;
  cancel.signal?.throwIfAborted();
  return results;
}

/** After the lag, those that are not done are told to end. */
async function waitForOptional<T>(optional: readonly Running<T>[], lagMs: number, clock: Clock): Promise<void> {
  if (optional.length === 0) return;
  const done = new AbortController();
  const all = Promise.all(optional.map(({ ended }) => ended)).then(() => done.abort());
  await clock.sleep(lagMs, { signal: done.signal }).then(
    () => {
      for (const one of optional) one.stop(lagging(one.member, lagMs));
    },
    () => undefined,
  );
  await all;
}

/** Why a member that is alive was dropped. */
export function lagging(member: Member, lagMs: number): FanfoldError {
  return new FanfoldError('content.lagging', `${member.name} kept the others waiting for more than ${lagMs / 1000} s`, {
    hint: 'the next publish brings it up to date',
  });
}

/** A member's failure under its name, with the code of its cause. */
export function namedFailure(member: Member, error: unknown): unknown {
  if (!isFanfoldError(error)) return error;
  const details: ErrorDetails = {
    place: error.place,
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  };
  return new FanfoldError(error.code, `${member.name}: ${error.message}`, details);
}

function noneLeft(dropped: ReadonlyMap<Member, unknown>): unknown {
  const [first] = dropped;
  if (first === undefined) return new FanfoldError('content.missing', 'a fan-out without members holds nothing');
  const [member, problem] = first;
  if (isFanfoldError(problem)) return namedFailure(member, problem);
  return new FanfoldError('content.lagging', `no store is left to write to; ${member.name}: ${messageOf(problem)}`);
}
