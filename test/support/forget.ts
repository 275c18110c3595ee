// A builder that remembers nothing of some steps, as a new machine's does.

import { environmentForPeers, requirePeer } from './peers.ts';
import { runOk } from './run.ts';

/** A text that no other build has: every RUN and COPY of a Dockerfile that is to be forgotten names it. */
export function newMark(): string {
  return `mark${process.pid}x${process.hrtime.bigint()}`;
}

/** Takes what BuildKit remembers of the steps that name `mark` away from it, and nothing else. */
export async function forgetSteps(mark: string): Promise<void> {
  const docker = requirePeer('docker');
  const options = { env: environmentForPeers() };
  const which = ['--filter', `description~=${mark}`];
  for (let turn = 0; turn < turns; turn++) {
    await runOk(docker, ['buildx', 'prune', '--all', '--force', ...which], options);
    const left = await runOk(docker, ['buildx', 'du', ...which, '--format', 'json'], options);
    if (!left.includes(mark)) return;
  }
  throw new Error(`the builder still remembers steps of ${mark}`);
}

/** What a build that has just ended holds is let go a moment later. */
const turns = 30;
