/** A plan's legs as jobs: what `plan --format` prints, and what it gives to the job that asked. */
import { matrixOutputs } from '../plan/matrix-output.ts';
import type { Packing } from '../plan/pack.ts';
import type { Plan } from '../plan/planned.ts';
import { formatMoment, type Moment } from '../source/inputs/moment.ts';
import type { Family } from '../source/project/model.ts';
import { addOutputs } from './github-files.ts';
import type { ProjectCall } from './project.ts';

/** Packs what is to be built, on the family's runners of a CI service. Durations come from the records of what is reused. @throws FanfoldError `plan.limit` */
export async function packPlan(
  plan: Plan,
  jobsMax: number | undefined,
  family: Pick<Family, 'github' | 'gitlab'>,
  service: 'github' | 'gitlab' = 'github',
): Promise<Packing> {
  const { legsToBuild } = await import('../plan/order.ts');
  const { packLegs } = await import('../plan/pack.ts');
  const known = plan.legs.flatMap((leg) =>
    leg.action === 'reuse' ? [[leg.keyed.leg.name, leg.record.durationMs] as const] : [],
  );
  const setting = family[service];
  const atMost = jobsMax ?? setting?.jobsMax;
  return packLegs(
    legsToBuild(plan.legs, new Map(known), setting?.runners),
    atMost === undefined ? {} : { jobsMax: atMost },
  );
}

/**
 * Adds the packing, and the moment that the jobs after this one must share, to the outputs of the GitHub job that this runs in.
 * @throws FanfoldError `usage.invalid` outside of one; `plan.limit` where they would not fit
 */
export async function giveOutputs(packing: Packing, moment: Moment, { host }: ProjectCall<object>): Promise<void> {
  await addOutputs(matrixOutputs(packing, { moment: formatMoment(moment) }), host);
}
