/** What a job gives to the jobs after it. */
import { addOutputs } from '../../call/github-files.ts';
import type { Job } from '../job.ts';
import { withoutMasked } from './unmasked.ts';

/** Adds outputs, JSON among them so that GitHub keeps it. @throws FanfoldError `usage.invalid` where GITHUB_OUTPUT names no file */
export async function giveJobOutputs(outputs: Readonly<Record<string, string>>, { host, masked }: Job): Promise<void> {
  const kept = Object.entries(outputs).map(([name, value]) => [
    name,
    value.startsWith('{') ? withoutMasked(value, masked) : value,
  ]);
  await addOutputs(Object.fromEntries(kept), host);
}
