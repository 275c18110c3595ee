/** What happened in Git that tags follow from: said on the command line, told by CI, or read from Git. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Head } from '../source/git/head.ts';
import type { GitEvent } from '../source/tags/event.ts';

/** The event of this call, `head` being asked only where CI tells none. `ref` overrides the ref alone. */
export async function readEvent(
  ref: string | undefined,
  head: Promise<Head | undefined>,
  host: Host,
  cancel: Cancel,
): Promise<GitEvent> {
  const { eventFromEnvironment } = await import('./ci-event.ts');
  const told = await eventFromEnvironment(
    host.env,
    (path, maxBytes) => host.files.readText(path, maxBytes),
    host.clock.now(),
  );
  const event = told ?? (await eventOfRepository(await head, host, cancel));
  return ref === undefined ? event : { ...event, kind: 'push', ref };
}

async function eventOfRepository(head: Head | undefined, host: Host, cancel: Cancel): Promise<GitEvent> {
  const { localEvent } = await import('../source/tags/event.ts');
  const { checkoutOf } = await import('../source/git/repository.ts');
  const nowMs = host.clock.now();
  if (head === undefined) return localEvent({ tags: [], sha: '', nowMs });
  const commit = head.committed?.commit;
  const checkout = await checkoutOf(head.repository, commit?.id, cancel);
  if (commit === undefined) return localEvent({ ...checkout, sha: '', nowMs });
  return localEvent({ ...checkout, sha: commit.id, commitTimeMs: commit.timeSeconds * 1000, nowMs });
}
