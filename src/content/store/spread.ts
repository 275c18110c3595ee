/** One stream to many members at once: each piece is handed to all of them, uncopied, at the pace of the slowest that is kept. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Clock } from '../../base/host/clock.ts';
import { ByteQueue } from './byte-queue.ts';
import { handOn } from './lease.ts';
import { lagging, type Member, type Members, namedFailure, type Running, settle, start } from './members.ts';

/** What a member does with the stream. It ends only if the bytes are what they were announced as. */
export type Consume = (member: Member, bytes: AsyncIterable<Uint8Array>, cancel: Cancel) => Promise<void>;

/** A stream on its way to all. */
export interface Spread {
  /** Hands a piece to all; waits while one that is kept has no room. @throws the failure of a required member */
  push(bytes: Uint8Array): Promise<void>;
  /** Whether anyone still takes bytes. */
  wanted(): boolean;
  /** No more comes: waits for all. @throws the failure of a required member */
  end(): Promise<void>;
  /** The bytes are not what they were to be: all let go of them. Never throws. */
  fail(error: unknown): Promise<void>;
}

/** Bounds of a spread. */
export interface SpreadOptions {
  readonly clock: Clock;
  /** How long a member that is not required may keep the others waiting, in all, in one stream. */
  readonly lagMs: number;
  /** Bytes that wait for one member at the most, plus a piece. */
  readonly queueBytes: number;
}

interface Lane {
  readonly member: Member;
  readonly queue: ByteQueue;
  readonly running: Running<void>;
  /** Whether the member has ended, well or not. */
  over: boolean;
  failure?: { readonly error: unknown };
  heldUpMs: number;
}

/** Starts every member's consumption. */
export function spread(
  members: Members,
  some: readonly Member[],
  consume: Consume,
  options: SpreadOptions,
  cancel: Cancel,
): Spread {
  const lanes = some.map((member) => openLane(member, consume, options.queueBytes, cancel));
  const throwFailure = (): void => {
    cancel.signal?.throwIfAborted();
    for (const lane of lanes) {
      if (lane.failure !== undefined && lane.member.required) throw namedFailure(lane.member, lane.failure.error);
    }
  };
  return {
    async push(bytes) {
      handOn(bytes, lanes.length);
      for (const lane of lanes) lane.queue.push(bytes);
      if (lanes.some(isFull)) await waitForRoom(members, lanes, options);
      if (lanes.some((lane) => lane.failure !== undefined) || cancel.signal?.aborted) throwFailure();
    },
    wanted: () => lanes.some((lane) => !lane.over),
    async end() {
      for (const lane of lanes) lane.queue.end();
      const leftMs = Math.max(0, options.lagMs - Math.max(0, ...lanes.map((lane) => lane.heldUpMs)));
      await settle(
        members,
        lanes.map((lane) => lane.running),
        leftMs,
        options.clock,
        cancel,
      );
    },
    async fail(error) {
      for (const lane of lanes) {
        lane.queue.fail(error);
        lane.running.stop(error);
      }
      await Promise.all(lanes.map((lane) => lane.running.ended));
    },
  };
}

function openLane(member: Member, consume: Consume, queueBytes: number, cancel: Cancel): Lane {
  const queue = new ByteQueue(queueBytes);
  const running = start(member, (one, ending) => consume(one, queue, ending), cancel);
  const lane: Lane = { member, queue, running, over: false, heldUpMs: 0 };
  void running.ended.then((end) => {
    lane.over = true;
    if ('error' in end) lane.failure = { error: end.error };
    // Whoever is over takes no more: a writer that waits for its room goes on.
    queue.leave();
  });
  return lane;
}

function isFull(lane: Lane): boolean {
  return lane.queue.full();
}

/** Required members are waited for as long as they live; the time that others alone hold them up is counted, and bounded. */
async function waitForRoom(members: Members, lanes: readonly Lane[], options: SpreadOptions): Promise<void> {
  for (let full = lanes.filter(isFull); full.length > 0; full = lanes.filter(isFull)) {
    const required = full.filter((lane) => lane.member.required);
    if (required.length > 0) await Promise.all(required.map((lane) => lane.queue.room()));
    else if (lanes.every((lane) => lane.over || isFull(lane)))
      await Promise.race(full.map((lane) => lane.queue.room()));
    else await waitForOptional(members, full, options);
  }
}

async function waitForOptional(members: Members, full: readonly Lane[], options: SpreadOptions): Promise<void> {
  const { clock, lagMs } = options;
  const startedMs = clock.monotonicMs();
  const leftMs = Math.max(0, lagMs - Math.max(...full.map((lane) => lane.heldUpMs)));
  const done = new AbortController();
  const room = Promise.all(full.map((lane) => lane.queue.room())).then(() => done.abort());
  await clock.sleep(leftMs, { signal: done.signal }).catch(() => undefined);
  for (const lane of full) {
    lane.heldUpMs += clock.monotonicMs() - startedMs;
    if (!isFull(lane) || lane.heldUpMs < lagMs) continue;
    const problem = lagging(lane.member, lagMs);
    members.drop(lane.member, problem);
    lane.running.stop(problem);
    lane.queue.leave();
  }
  await room;
}
