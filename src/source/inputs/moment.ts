/** The moment of a run: what all of its jobs must share so that they compute equal keys, as text that one job hands to the others. */
import { FanfoldError, messageOf } from '../../base/errors/error.ts';
import { asRecord, optional } from '../../content/oci/descriptor.ts';
import { type Digest, isDigest } from '../../content/oci/digest.ts';
import { parseJson } from '../../content/oci/json.ts';
import { formatReference, parseReference } from '../../content/oci/reference.ts';

/** When a run began, and what its base images were then. */
export interface Moment {
  /** Milliseconds since 1970: decides periods of `refresh`, and dates in tags. */
  readonly nowMs: number;
  /** What images were resolved to, by their reference (`formatReference`). */
  readonly bases: ReadonlyMap<string, Digest>;
  /** Targets whose refresh is due and waits, by `refresh-budget`; absent where nobody has decided that. */
  readonly deferred?: readonly string[];
}

/** A moment's text is read up to this: 4096 bases with names of average length. */
export const maxMomentBytes = 1024 * 1024;
const maxBases = 4096;
const maxDeferred = 20_000;
/** The last moment that a Date can hold. */
const lastMs = 8_640_000_000_000_000;
const version = 1;

/** The moment as one line of JSON; equal moments have equal text. */
export function formatMoment({ nowMs, bases, deferred }: Moment): string {
  const sorted = [...bases].sort(([a], [b]) => (a < b ? -1 : 1));
  const waiting = deferred && { deferred: [...deferred].sort() };
  return JSON.stringify({ version, nowMs, bases: Object.fromEntries(sorted), ...waiting });
}

/**
 * What a job may be handed in its environment: Linux gives a process no string of more than 32 pages of 4 KiB there, name and end included (execve(2),
 * MAX_ARG_STRLEN). A job whose moment were longer could not start.
 */
const maxHandedBytes = 128 * 1024 - 64;

/** The moment as one job hands it to the others. @throws FanfoldError `plan.limit` where it is too long for that */
export function handedMoment(moment: Moment): string {
  const text = formatMoment(moment);
  if (Buffer.byteLength(text) <= maxHandedBytes) return text;
  const { bases, deferred = [] } = moment;
  throw new FanfoldError(
    'plan.limit',
    `the moment (${bases.size} base images, ${deferred.length} targets whose refresh waits) is longer than the ${maxHandedBytes} bytes that a job takes in its environment`,
    { hint: 'plan parts of the family with --only in jobs of their own, or pin base images by their digests' },
  );
}

/**
 * A moment from its text, which may come from anywhere.
 * @throws FanfoldError `usage.invalid` where it is none, or too large
 */
export function parseMoment(text: string): Moment {
  if (text.length > maxMomentBytes) throw noMoment(`it is longer than ${maxMomentBytes} characters`);
  const fields = fieldsOf(text);
  if (fields['version'] !== version) {
    throw noMoment(
      `its version is ${JSON.stringify(fields['version'])?.slice(0, 40)}, and this Fanfold reads ${version}`,
    );
  }
  const { nowMs } = fields;
  if (typeof nowMs !== 'number' || !Number.isSafeInteger(nowMs) || nowMs < 0 || nowMs > lastMs) {
    throw noMoment('its nowMs is no time in milliseconds since 1970');
  }
  return { nowMs, bases: basesOf(fields['bases']), ...optional('deferred', deferredOf(fields['deferred'])) };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const whole = asRecord(parseJson(Buffer.from(text), 'the moment'), 'the moment');
    // A plan as JSON holds it.
    return 'shards' in whole && 'moment' in whole ? asRecord(whole['moment'], 'the moment') : whole;
  } catch (error) {
    throw noMoment(messageOf(error));
  }
}

function basesOf(value: unknown): ReadonlyMap<string, Digest> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw noMoment('its bases are no map');
  const entries = Object.entries(value);
  if (entries.length > maxBases) throw noMoment(`it holds more than ${maxBases} bases`);
  return new Map(entries.map(([name, digest]) => baseOf(name, digest)));
}

function deferredOf(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const isNames = Array.isArray(value) && value.every((name) => typeof name === 'string');
  if (!isNames) throw noMoment('its deferred targets are no list of names');
  if (value.length > maxDeferred) throw noMoment(`it holds more than ${maxDeferred} deferred targets`);
  return value;
}

function baseOf(name: string, digest: unknown): readonly [string, Digest] {
  if (typeof digest !== 'string' || !isDigest(digest)) throw noMoment(`${quoted(name)} has no digest in it`);
  if (!isResolvable(name)) throw noMoment(`${quoted(name)} is no image's name with a tag`);
  return [name, digest];
}

/** Only what must be resolved stands in a moment, under the one name that it is looked up by. */
function isResolvable(name: string): boolean {
  try {
    const reference = parseReference(name);
    return (
      reference.digest === undefined && reference.location.kind === 'registry' && formatReference(reference) === name
    );
  } catch {
    return false;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}

function noMoment(why: string): FanfoldError {
  return new FanfoldError('usage.invalid', `the moment cannot be read: ${why}`, {
    hint: 'give what `fanfold plan --format github` gave as its output `moment`, unchanged',
  });
}
