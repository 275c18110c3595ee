/** Docker's client, for what a job sets up on its machine. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';

/** Runs `docker` to its end. @throws FanfoldError `host.program` where it is missing or fails */
export async function docker(
  args: readonly string[],
  { exec, env }: Pick<Host, 'exec' | 'env'>,
  cancel: Cancel,
): Promise<void> {
  const { status, stderr } = await exec.run('docker', args, { env }, cancel);
  if (status === 0) return;
  throw new FanfoldError(
    'host.program',
    `docker ${args[0]} ended with status ${status}: ${stderr.trim().slice(-2000)}`,
  );
}
