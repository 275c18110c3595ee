/** What this machine may do at a location: is it there, can it be written, can anyone read it; and what to do where not. */
import { isFanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import { digestOf } from '../content/oci/digest.ts';
import type { Location } from '../content/oci/reference.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { OpenedStore } from '../content/store/open.ts';

/** What was found at a location. */
export interface Access {
  readonly location: Location;
  /** `unknown` where it could not be asked; a registry that makes repositories on the first push says `no` before it. */
  readonly exists: 'yes' | 'no' | 'unknown';
  readonly writable: boolean;
  /** Whether it can be read without credentials; `unknown` where it does not exist yet or is a layout. */
  readonly readableByAll: 'yes' | 'no' | 'unknown';
  /** What stands in the way, and what to do; empty where all is well. */
  readonly problems: readonly string[];
}

/** Opens a location with this machine's credentials, and with none. */
export interface AccessStores {
  readonly open: (location: Location, cancel?: Cancel) => Promise<OpenedStore>;
  readonly openAnonymously: (location: Location, cancel?: Cancel) => Promise<OpenedStore>;
}

/** The canary: one blob, the same at every try, that no manifest names; a registry's garbage collection takes it away. */
const canary = new TextEncoder().encode('fanfold canary\n');

/** Asks a location. The canary is written to registries; from a layout it is taken back before it is one. */
export async function probeAccess(location: Location, stores: AccessStores, cancel: Cancel = {}): Promise<Access> {
  const store = await stores.open(location, cancel);
  const found = await attempt(() => store.exists(cancel), cancel);
  const written = await attempt(() => writeCanary(store, cancel), cancel);
  const readableByAll = await isReadableByAll(location, stores, cancel);
  const problems = [...(written.problem === undefined ? [] : [adviceOn(location, written.problem)])];
  return {
    location,
    exists: existence(found.value),
    writable: written.problem === undefined,
    readableByAll,
    problems,
  };
}

async function writeCanary(store: OpenedStore, cancel: Cancel): Promise<void> {
  const upload = await store.begin(cancel);
  try {
    await upload.append(canary, cancel);
    if (store.location.kind === 'layout') return await upload.cancel();
    await upload.commit(digestOf(canary), cancel);
  } catch (error) {
    await upload.cancel();
    throw error;
  }
}

async function isReadableByAll(
  location: Location,
  stores: AccessStores,
  cancel: Cancel,
): Promise<Access['readableByAll']> {
  if (location.kind === 'layout') return 'unknown';
  const anonymous = await stores.openAnonymously(location, cancel);
  const { value, problem } = await attempt(() => anonymous.exists(cancel), cancel);
  if (value === true) return 'yes';
  return isFanfoldError(problem) && problem.code === 'registry.denied' ? 'no' : 'unknown';
}

async function attempt<T>(
  work: () => Promise<T>,
  cancel: Cancel,
): Promise<{ readonly value?: T; readonly problem?: unknown }> {
  try {
    return { value: await work() };
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    return { problem };
  }
}

function existence(value: boolean | undefined): Access['exists'] {
  if (value === undefined) return 'unknown';
  return value ? 'yes' : 'no';
}

function adviceOn(location: Location, problem: unknown): string {
  const where = formatLocation(location);
  const host = location.kind === 'registry' ? location.host : location.path;
  const code = isFanfoldError(problem) ? problem.code : undefined;
  if (code === 'registry.denied') return `${where} cannot be written (${messageOf(problem)}): ${loginAdvice(host)}`;
  if (code === 'registry.not-found')
    return `${where} does not exist, and ${host} does not make it by itself: create it first`;
  return `${where} cannot be written: ${messageOf(problem)}`;
}

function loginAdvice(host: string): string {
  if (host === 'ghcr.io')
    return 'give the job `permissions: packages: write` and log in, or grant the repository access to the package';
  if (host === 'docker.io') return 'log in with an access token that may write (docker login)';
  return `log in (docker login ${host}) with an account that may push there`;
}
