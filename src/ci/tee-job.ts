/** The job that puts one endpoint in front of many destinations, for one command. */
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import { openAll } from '../call/open.ts';
import type { EndpointEvent } from '../content/endpoint/events.ts';
import { formatLocation, parseLocation } from '../content/oci/reference.ts';
import { giveJobOutputs } from './github/outputs.ts';
import type { Job } from './job.ts';

/** @returns the command's own status */
export async function teeJob(job: Job): Promise<number> {
  const { inputs, host, log, signal } = job;
  const { fanOut } = await import('../content/store/fan-out.ts');
  const { teeCommand } = await import('../content/endpoint/tee.ts');
  const { subjectName } = await import('../run/leg.ts');
  const locations = inputs.to.map(parseLocation);
  const [first] = locations;
  const [program, ...args] = inputs.run;
  if (first === undefined || program === undefined) throw incomplete();
  const open = await openAll(host);
  const members = await Promise.all(
    locations.map(async (location) => ({
      name: formatLocation(location),
      store: await open(location),
      required: true,
    })),
  );
  const on = (event: EndpointEvent): void => log.note(describeEvent(event));
  const tee = { store: fanOut(members), name: subjectName(first).split('/').at(-1) ?? '', on };
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
