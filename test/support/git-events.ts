// The CI events of test/fixtures/events, as jobs tell them.

import { readFileSync } from 'node:fs';
import { eventFromEnvironment } from '../../src/call/ci-event.ts';
import type { GitEvent } from '../../src/source/tags/event.ts';

/** The time of every run: 1 March 2026, 02:03:04.567 UTC (in New York still February). */
export const runTimeMs = Date.UTC(2026, 2, 1, 2, 3, 4, 567);

/** An event's environment, and the payload that its event file holds. */
export interface EventFixture {
  readonly env: Readonly<Record<string, string>>;
  readonly payload?: unknown;
}

/** The fixture of a name: `branch-main`, `tag-v1.4.2`, ... */
export function eventFixture(name: string): EventFixture {
  return JSON.parse(readFileSync(new URL(`../fixtures/events/${name}.json`, import.meta.url), 'utf8'));
}

/** The GitEvent of a fixture, read as in a job. */
export async function gitEvent(name: string): Promise<GitEvent> {
  const { env, payload } = eventFixture(name);
  const file = payload === undefined ? {} : { GITHUB_EVENT_PATH: '/event.json' };
  const event = await eventFromEnvironment({ ...env, ...file }, async () => JSON.stringify(payload), runTimeMs);
  if (event === undefined) throw new Error(`${name} is no event`);
  return event;
}
