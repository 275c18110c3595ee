/** Whether this machine is GitHub's own, made for one job and thrown away after it. */
import type { Host } from '../base/host/host.ts';

/**
 * True on a hosted Ubuntu runner itself: GitHub says so (`RUNNER_ENVIRONMENT`), its image says which it is (`ImageOS`, which no container of a job
 * gets), and the job runs in no container, whose folders are an image's.
 */
export async function isHostedMachine({ env, files }: Pick<Host, 'env' | 'files'>): Promise<boolean> {
  if (env['RUNNER_ENVIRONMENT'] !== 'github-hosted' || !/^ubuntu/.test(env['ImageOS'] ?? '')) return false;
  return (await files.kindOf('/.dockerenv')) === undefined;
}
