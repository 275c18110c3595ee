/** The job that puts one endpoint in front of many destinations, for one command. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import type { EndpointEvent } from '../content/endpoint/events.ts';
import { parseLocation } from '../content/oci/reference.ts';
import { giveJobOutputs } from './github/outputs.ts';
import type { Job } from './job.ts';

/** @returns the command's own status */
export async function teeJob(job: Job): Promise<number> {
  const { inputs, host, log, signal } = job;
  const { teeCommand } = await import('../content/endpoint/tee.ts');
  const { openTee } = await import('../call/tee.ts');
  const [first, ...others] = inputs.to.map(parseLocation);
  const [program, ...args] = inputs.run;
  if (first === undefined || program === undefined) throw incomplete();
  const on = (event: EndpointEvent): void => log.note(describeEvent(event));
  const tee = { ...(await openTee([first, ...others], host)), on };
  const { status, committed } = await teeCommand(tee, [program, ...args], host, { signal });
  const published = committed.map(({ tag, published: { digest } }) => [tag ?? digest, digest] as const);
  await giveJobOutputs({ published: JSON.stringify(Object.fromEntries(published)) }, job);
  return status;
}

function describeEvent(event: EndpointEvent): string {
  switch (event.kind) {
    case 'committed':
      return `committed ${event.tag ?? 'by digest'} ${event.published.digest}`;
    case 'notice':
      return `note: ${event.message}`;
    case 'failed':
      return `a destination failed: ${messageOf(event.error)}`;
    default:
      return event satisfies never;
  }
}

function incomplete(): FanfoldError {
  return new FanfoldError('usage.invalid', 'mode tee needs `to` and `run`', {
    hint: 'give a destination to each line of `to`, and the command to `run`, one argument a line',
  });
}
