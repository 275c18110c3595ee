/** Comparisons and explanations as plain data for --json. */
import { formatPlatform } from '../content/oci/platform.ts';
import { type Comparison, describeCompared, isAffected } from '../plan/changed.ts';
import type { UnkeyedLeg } from '../plan/planned.ts';
import { errorData } from './outcome-data.ts';

/** A comparison with a revision as data. */
export function comparisonData({
  before,
  legs,
  unkeyed,
  newTargets,
  removedTargets,
  removedLegs,
}: Comparison): unknown {
  return {
    since: before.revision,
    commit: before.commit?.id,
    legs: [
      ...legs.map((compared) => ({
        leg: compared.keyed.leg.name,
        target: compared.keyed.leg.target.name,
        platform: formatPlatform(compared.keyed.leg.platform),
        key: compared.keyed.key,
        affected: isAffected(compared),
        reason: describeCompared(compared),
        changes: compared.kind === 'changed' ? compared.changes : [],
        undecided: compared.keyed.inputs.undecided,
      })),
      ...unkeyed.map(failedData),
    ],
    newTargets,
    removedTargets,
    removedLegs,
  };
}

function failedData({ leg, error }: UnkeyedLeg): object {
  return { leg: leg.name, target: leg.target.name, action: 'fail', ...errorData(error) };
}
