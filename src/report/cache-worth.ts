/** What caches of steps were worth, in words: measured where it can be, and nothing where it cannot. */
import type { CacheWorth } from '../run/events.ts';
import { formatDuration, formatSize } from './table.ts';

/** A leg that was built with a cache. */
export interface CachedLeg {
  readonly leg: string;
  readonly durationMs: number;
  readonly cache: CacheWorth;
}

/**
 * Milliseconds that the cache won: against the last build that took nothing from it; less than 0 where it cost more than it brought. Undefined where
 * nothing is known to hold it against, as when there was no cache yet.
 */
export function wonMs({ durationMs, cache }: Omit<CachedLeg, 'leg'>): number | undefined {
  if (cache.cachedSteps > 0) return cache.fullMs === undefined ? undefined : cache.fullMs - durationMs;
  return cache.wasThere && cache.exportMs !== undefined ? -cache.exportMs : undefined;
}

/** `3 of 5 steps from a cache, 1.2 MiB read; 3.0 MiB written in 1.2 s; won about 40.0 s`. */
export function describeCache(one: Omit<CachedLeg, 'leg'>): string {
  const { cache } = one;
  return [
    [`${cache.cachedSteps} of ${cache.steps} steps from a cache`, ...sized(cache.readBytes, 'read')].join(', '),
    ...written(cache),
    ...balance(wonMs(one)),
  ].join('; ');
}

/** A hint for a leg whose cache costs more than it brings; undefined for every other. */
export function cacheHint({ leg, durationMs, cache }: CachedLeg): string | undefined {
  const won = wonMs({ durationMs, cache });
  if (won === undefined || won > -noticeableMs) return undefined;
  const why =
    cache.cachedSteps === 0
      ? `nothing came out of its cache, and writing it took ${formatDuration(-won)}`
      : `it took ${formatDuration(-won)} longer than the last build that took nothing from its cache`;
  return `${leg}: ${why}. Should that be so in most builds, cache: off (or min) is faster.`;
}

/** The cells of a leg: steps, read, written, time that writing took, the last full build, won. */
export function cacheCells(one: CachedLeg): readonly string[] {
  const { cache } = one;
  const won = wonMs(one);
  return [
    `${cache.cachedSteps} of ${cache.steps}`,
    cache.readBytes === undefined ? '' : formatSize(cache.readBytes),
    cache.writtenBytes === undefined ? '' : formatSize(cache.writtenBytes),
    cache.exportMs === undefined ? '' : formatDuration(cache.exportMs),
    formatDuration(one.durationMs),
    cache.fullMs === undefined ? '' : formatDuration(cache.fullMs),
    won === undefined ? '' : `${won < 0 ? '−' : ''}${formatDuration(Math.abs(won))}`,
  ];
}

/** What the cells are. */
export const cacheHeading = ['steps cached', 'read', 'written', 'writing took', 'leg took', 'without', 'won'];

/** Less is told as a figure, and is no reason to change anything. */
const noticeableMs = 1000;

function sized(sizeBytes: number | undefined, verb: string): readonly string[] {
  return sizeBytes === undefined || sizeBytes === 0 ? [] : [`${formatSize(sizeBytes)} ${verb}`];
}

function written({ writtenBytes, exportMs }: CacheWorth): readonly string[] {
  if (exportMs === undefined) return [];
  const what = writtenBytes === undefined ? 'written' : `${formatSize(writtenBytes)} written`;
  return [`${what} in ${formatDuration(exportMs)}`];
}

function balance(won: number | undefined): readonly string[] {
  if (won === undefined) return [];
  return [won < 0 ? `lost about ${formatDuration(-won)}` : `won about ${formatDuration(won)}`];
}
