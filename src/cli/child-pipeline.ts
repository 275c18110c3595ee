/** The pipeline of a plan's jobs on GitLab CI, from the plan's own JSON. */
import * as z from 'zod';
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { version } from '../call/version.ts';
import { standingOf } from '../ci/committed.ts';
import { childPipeline } from '../ci/gitlab/pipeline.ts';
import { handedMoment, parseMoment } from '../source/inputs/moment.ts';
import type { Family } from '../source/project/model.ts';

const job = z.object({ name: z.string(), machine: z.string(), legs: z.array(z.string()), durationMs: z.number() });
const writtenPlan = z.object({ shards: z.array(z.array(job)), moment: z.unknown(), publishes: z.boolean() });
const maxPlanBytes = 16 * 1024 * 1024;

/** The text of the pipeline. @throws FanfoldError `usage.invalid` where the file holds no plan; `host.file`, `host.too-large` */
export async function childOf(
  family: Family,
  plan: string,
  host: Pick<Host, 'files' | 'exec' | 'env'>,
  cancel: Cancel,
): Promise<string> {
  const text = await host.files.readText(plan, maxPlanBytes);
  const { shards, moment, publishes } = readPlan(text, plan);
  const { file } = await standingOf(family, host, cancel);
  return childPipeline(
    family,
    { shards, publishes, moment: handedMoment(parseMoment(JSON.stringify(moment))) },
    { file, version },
  );
}

function readPlan(text: string, file: string): z.infer<typeof writtenPlan> {
  try {
    return writtenPlan.parse(JSON.parse(text));
  } catch (cause) {
    const hint = 'make it with fanfold plan --format gitlab';
    throw new FanfoldError('usage.invalid', `${file} holds no plan`, { place: { file }, hint, cause });
  }
}
