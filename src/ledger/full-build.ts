/** Full build: how long a leg took that took nothing from a cache, under a tag of its own in staging. What a cache is worth is measured against it. */
import * as z from 'zod';
import type { Cancel } from '../base/host/cancel.ts';
import type { Source, Store } from '../content/store/store.ts';
import { type CacheOwner, fullBuildTag } from '../source/project/names.ts';
import { findNote, writeNote } from './note.ts';

/** The last one. */
export interface FullBuild {
  /** The leg's name then, for people. */
  readonly leg: string;
  /** Without what writing its cache took. */
  readonly durationMs: number;
  /** Milliseconds since 1970. */
  readonly builtMs: number;
}

/** The note's own artifact type. */
export const fullBuildType = 'application/vnd.fanfold.full-build.v1';

const form = z.strictObject({
  leg: z.string().max(512),
  durationMs: z.int().nonnegative(),
  builtMs: z.int().nonnegative(),
});

/**
 * The last full build of a leg; undefined where none is noted, or what stands there is no such note.
 * @throws FanfoldError `ledger.invalid` where the tag names something else
 */
export async function findFullBuild(
  staging: Source,
  owner: CacheOwner,
  cancel: Cancel = {},
): Promise<FullBuild | undefined> {
  const note = await findNote(staging, fullBuildTag(owner), fullBuildType, cancel);
  return form.safeParse(note?.data).data;
}

/** Notes one over what stood there. */
export async function noteFullBuild(
  staging: Store,
  owner: CacheOwner,
  { leg, durationMs, builtMs }: FullBuild,
  cancel: Cancel = {},
): Promise<void> {
  const data = { leg, durationMs: Math.round(durationMs), builtMs: Math.round(builtMs) };
  await writeNote(staging, fullBuildTag(owner), fullBuildType, leg, data, cancel);
}
