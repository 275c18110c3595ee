/** What happens to each leg, by what staging knows: built, reused, built once for equal keys, and late where it failed before. */
import { formatLocation } from '../content/oci/reference.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { legName } from '../source/project/names.ts';
import { lateLast, lateNames } from './late.ts';
import type { KnownByStaging } from './look-up.ts';
import type { PlannedLeg, PlanRequest } from './planned.ts';

/** The legs, those that failed before last. `anew`: which are built whatever staging holds. */
export function decideLegs(
  keyed: readonly KeyedLeg[],
  known: KnownByStaging,
  anew: PlanRequest['anew'],
): readonly PlannedLeg[] {
  return failedLast(builtOnce(keyed.map((one) => planLeg(one, known, anew))));
}

function planLeg(keyed: KeyedLeg, known: KnownByStaging, anew: PlanRequest['anew']): PlannedLeg {
  const { staging } = keyed.leg.target;
  const { records, failures } = known.get(formatLocation(staging)) ?? {};
  const [record, failure] = [records?.get(keyed.key), failures?.get(keyed.key)];
  if (failure !== undefined) return { action: 'build', keyed, reason: { kind: 'failed-before', staging, failure } };
  if (anew === 'all') return { action: 'build', keyed, reason: { kind: 'asked' } };
  if (record === undefined) return { action: 'build', keyed, reason: { kind: 'not-built', staging } };
  const [why] = keyed.inputs.moving;
  if (anew === 'moving' && why !== undefined) return { action: 'build', keyed, reason: { kind: 'moving', why } };
  return { action: 'reuse', keyed, record, reason: { kind: 'built', run: record.run, revision: record.revision } };
}

/** A built leg that is still to be tested. */
export function toTest(planned: PlannedLeg): PlannedLeg {
  if (planned.action === 'build') return planned;
  const { run, revision } = planned.record;
  return { ...planned, reason: { kind: 'untested', run, revision } };
}

/** Of legs that one staging would hold under one key, the first is built; the others wait for its record. */
function builtOnce(legs: readonly PlannedLeg[]): readonly PlannedLeg[] {
  const first = new Map<string, string>();
  return legs.map((planned) => {
    if (planned.action === 'reuse') return planned;
    const { leg, key } = planned.keyed;
    const identity = `${key} ${formatLocation(leg.target.staging)}`;
    const before = first.get(identity);
    if (before !== undefined) return { ...planned, reason: { kind: 'same-key', leg: before } };
    first.set(identity, leg.name);
    return planned;
  });
}

/** A leg whose key failed before goes last, and with it what builds on it: it most probably fails again. */
function failedLast(legs: readonly PlannedLeg[]): readonly PlannedLeg[] {
  const failed = legs.filter(({ reason }) => reason.kind === 'failed-before').map(({ keyed }) => keyed.leg.name);
  const late = lateNames(failed, new Map(legs.map((planned) => [planned.keyed.leg.name, comesAfter(planned)])));
  return lateLast(legs, ({ keyed }) => late.has(keyed.leg.name));
}

function comesAfter({ keyed: { leg, inputs }, reason }: PlannedLeg): readonly string[] {
  const below = inputs.buildsOn.map((target) => legName(target, leg.platform));
  return reason.kind === 'same-key' ? [...below, reason.leg] : below;
}
