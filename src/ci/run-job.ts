/** What runs inside a CI job: plan, leg, content, publish and tee, with its outputs and its summary. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Style } from '../report/style.ts';
import { contentJob } from './content-job.ts';
import { jobHost, parseLogins } from './credentials.ts';
import { occasionOf } from './github/event.ts';
import type { JobLog } from './github/log.ts';
import type { Job } from './job.ts';
import type { JobInputs } from './job-inputs.ts';
import { legJob } from './leg-job.ts';
import { planJob } from './plan-job.ts';
import { publishJob } from './publish-job.ts';
import { teeJob } from './tee-job.ts';

/**
 * Runs a job to its end.
 * @returns the exit status: 0 done, 1 failed
 * @throws FanfoldError, DiagnosticsError where it could not begin
 */
export async function runJob(
  inputs: JobInputs,
  machine: Host,
  log: JobLog,
  style: Style,
  { signal = new AbortController().signal }: Cancel,
  root = '/',
): Promise<number> {
  const logins = parseLogins(inputs.credentials);
  for (const { password } of logins) log.mask(password);
  const occasion = await occasionOf(machine.env, (path, maxBytes) => machine.files.readText(path, maxBytes));
  await using own = await jobHost(machine, occasion.may === 'look' ? [] : logins);
  const masked = logins.flatMap(({ username, password }) => [username, password]);
  return await modes[inputs.mode]({ inputs, host: own.host, masked, log, style, occasion, signal, root });
}

const modes: Readonly<Record<JobInputs['mode'], (job: Job) => Promise<number>>> = {
  plan: planJob,
  leg: legJob,
  content: contentJob,
  publish: publishJob,
  tee: teeJob,
};
