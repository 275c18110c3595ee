/** A job that copies a share of what legs built to the destinations, ahead of the publication: content alone, no index, no tag. */
import { FanfoldError } from '../base/errors/error.ts';
import { copyProject } from '../call/content.ts';
import { addSummary } from '../call/github-files.ts';
import { describeContent, describeContentSummary, describeContentToCopy, describeCopied } from '../report/content.ts';
import { type CopiedTarget, isCopied } from '../run/content.ts';
import { annotateError } from './annotations.ts';
import type { Job } from './job.ts';
import { callOf } from './job-call.ts';

/** @returns 1 where a required destination lacks something that is built; the publication brings it, or says why it cannot */
export async function contentJob(job: Job): Promise<number> {
  const { inputs, host, log, style, occasion } = job;
  if (occasion.may !== 'publish' && !inputs.dryRun) {
    throw new FanfoldError('usage.invalid', `nothing may be copied to a destination here: ${occasion.reason}`, {
      hint: "let the job run only where the plan's output `content` is not empty",
    });
  }
  const call = callOf(job);
  const on = (target: CopiedTarget): void => {
    for (const line of describeCopied(target, style)) log.note(line);
  };
  const { root, outcome } = await copyProject({ ...call, options: { ...call.options, shard: inputs.shard } }, on);
  log.note(inputs.dryRun ? describeContentToCopy(outcome, style) : describeContent(outcome, style));
  const share = inputs.shard === undefined ? '' : ` (${inputs.shard})`;
  if (!inputs.dryRun) await addSummary(describeContentSummary(`Content copied${share}`, outcome), host);
  const [first] = outcome.targets.flatMap(({ error, destinations }) => [
    ...(error === undefined ? [] : [error]),
    ...destinations.flatMap(({ destination, problem }) =>
      problem !== undefined && destination.required ? [problem] : [],
    ),
  ]);
  if (first !== undefined) annotateError(first, root, job);
  return isCopied(outcome) ? 0 : 1;
}
