/** A leg's cache of steps as BuildKit's registry cache: its flags, what it did, and the build without it where it fails. */
import { isFanfoldError, messageOf } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { formatLocation } from '../../content/oci/reference.ts';
import type { BuildCache, BuildRequest, CacheUse } from '../builder.ts';
import { isLoopback } from '../loopback.ts';
import { csv } from './arguments.ts';
import { countSteps } from './steps.ts';

/** What a build with a cache gave. */
export interface CachedBuild<T> {
  readonly result: T;
  readonly cache?: CacheUse;
}

/**
 * `build` with the request's cache, and what that did. Where the build fails because the cache could not be read, it is built again without. `build`
 * gets the request that it is to build, and what `flags` gives for the cache.
 */
export async function buildCached<T>(
  request: BuildRequest,
  flags: (cache: BuildCache) => readonly string[],
  build: (request: BuildRequest, flags: readonly string[]) => Promise<T>,
  cancel: Cancel,
): Promise<CachedBuild<T>> {
  const { cache } = request;
  if (cache === undefined) return { result: await build(request, []) };
  try {
    return await once(request, cache, flags, build);
  } catch (error) {
    if (cancel.signal?.aborted === true || !isFaultOf(cache, error)) throw error;
    request.on({ kind: 'notice', message: `the cache cannot be read (${faultIn(cache)}): built again without it` });
    return await once(request, { ...cache, reads: false }, flags, build);
  }
}

async function once<T>(
  request: BuildRequest,
  cache: BuildCache,
  flags: (cache: BuildCache) => readonly string[],
  build: (request: BuildRequest, flags: readonly string[]) => Promise<T>,
): Promise<CachedBuild<T>> {
  const counter = countSteps();
  const on: BuildRequest['on'] = (event) => {
    if (event.kind === 'log') counter.hear(event.line);
    request.on(event);
  };
  const result = await build({ ...request, on }, flags(cache));
  const { writeProblem, isTagged } = cache.store.traffic();
  if (writeProblem !== undefined && !isTagged)
    request.on({ kind: 'notice', message: `the cache was not written (${messageOf(writeProblem)})` });
  const { exportMs, ...counts } = counter.counts();
  return { result, cache: { ...counts, ...optional('exportMs', exportMs) } };
}

/** What was read and written through Fanfold, added to what a cache did. */
export function withTraffic(use: CacheUse | undefined, cache: BuildCache | undefined): { readonly cache?: CacheUse } {
  if (use === undefined || cache === undefined) return {};
  const { readBytes, writtenBytes } = cache.store.traffic();
  return { cache: { ...use, readBytes, writtenBytes } };
}

/** An image manifest is what every registry takes; what cannot be written is no error of the build. */
const cacheForm = { 'image-manifest': 'true', 'oci-mediatypes': 'true', 'ignore-error': 'true' };

/** `--cache-from` and `--cache-to` for a cache at a reference, its tag left out. */
export function registryCache(reference: string, cache: BuildCache): readonly string[] {
  const at = { type: 'registry', ref: `${reference}:${cache.tag}` };
  const to = { ...at, mode: cache.mode, ...cacheForm };
  return [...(cache.reads ? [`--cache-from=${csv(at)}`] : []), ...(cache.writes ? [`--cache-to=${csv(to)}`] : [])];
}

/** The flags for a BuildKit that reads and writes staging itself, with credentials of its own; none where it does not reach it. */
export function ownCache(cache: BuildCache): readonly string[] {
  return isRemote(cache) ? registryCache(formatLocation(cache.location), cache) : [];
}

/** The flags for a BuildKit that reads staging itself, and hands over what it would write. */
export function exportedCache(cache: BuildCache, folder: string): readonly string[] {
  const to = { type: 'local', dest: folder, mode: cache.mode, ...cacheForm };
  return [...ownCache({ ...cache, writes: false }), ...(cache.writes ? [`--cache-to=${csv(to)}`] : [])];
}

function isRemote({ location }: BuildCache): boolean {
  return location.kind === 'registry' && !isLoopback(location.host);
}

/** Whether a build failed for its cache: the store could not read, or the log names content that it lacks. */
function isFaultOf({ reads, store }: BuildCache, error: unknown): boolean {
  if (!reads || !isFanfoldError(error) || error.code !== 'build.failed') return false;
  const { readProblem, lacking } = store.traffic();
  return readProblem !== undefined || [...lacking].some((digest) => error.message.includes(digest));
}

function faultIn({ store }: BuildCache): string {
  const { readProblem } = store.traffic();
  return readProblem === undefined ? 'staging lacks what it names' : messageOf(readProblem);
}
