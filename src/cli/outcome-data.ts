/** Plans and outcomes as plain data for --json: what a script reads, without functions, maps and whole files. */
import { isFanfoldError, messageOf } from '../base/errors/error.ts';
import { optional } from '../content/oci/descriptor.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { Change } from '../plan/difference.ts';
import { describeKept, type KeptTag } from '../plan/kept-tag.ts';
import type { Plan, PlannedLeg } from '../plan/planned.ts';
import { describeReason } from '../plan/reason.ts';
import type { Publication } from '../publish/publication.ts';
import type { ContentOutcome } from '../run/content.ts';
import type { LegOutcome, RunOutcome, TargetOutcome } from '../run/events.ts';

/** A plan as data. */
export function planData(plan: Plan): unknown {
  return {
    legs: [
      ...plan.legs.map(plannedLegData),
      ...plan.unkeyed.map(({ leg, error }) => ({
        leg: leg.name,
        target: leg.target.name,
        action: 'fail',
        ...errorData(error),
      })),
    ],
    targets: plan.targets.map((planned) => ({
      target: planned.target.name,
      action: planned.action,
      tags: planned.tags,
      reason: describeReason(planned.reason),
      digest: planned.desired?.merged.descriptor.digest,
      destinations: planned.destinations.map(({ destination, changes, problem }) => ({
        destination: formatLocation(destination.location),
        changes: changes.map(changeData),
        ...(problem === undefined ? {} : errorData(problem)),
      })),
      kept: (planned.kept ?? []).map(keptData),
    })),
    ...(plan.deferred === undefined ? {} : { deferred: plan.deferred }),
    sets: (plan.sets ?? []).map(({ set, waitsFor }) => ({ set: set.name, targets: set.targets, waitsFor })),
  };
}

function keptData(kept: KeptTag): object {
  const { tag, reason, digest, taken } = kept;
  const at = taken && { commit: taken.commit, ref: taken.ref, version: taken.version?.version };
  return { tag, reason, digest, at, message: describeKept(kept) };
}

/** `diskBytes` is what the leg is said to need, `peakDiskBytes` what it took when it was built. */
function plannedLegData(planned: PlannedLeg): object {
  const { action, keyed, reason } = planned;
  return {
    leg: keyed.leg.name,
    target: keyed.leg.target.name,
    platform: formatPlatform(keyed.leg.platform),
    action,
    key: keyed.key,
    reason: describeReason(reason),
    undecided: keyed.inputs.undecided,
    diskBytes: keyed.leg.target.diskBytes,
    peakDiskBytes: planned.action === 'reuse' ? planned.record.peakDiskBytes : undefined,
  };
}

/** A run's outcome as data. */
export function outcomeData(outcome: RunOutcome): unknown {
  return {
    legs: [...outcome.legs].map(([leg, one]) => ({ leg, outcome: one.kind, ...legData(one) })),
    targets: [...outcome.targets].map(([target, one]) => ({ target, outcome: one.kind, ...targetData(one) })),
  };
}

function legData(outcome: LegOutcome): object {
  if (outcome.kind === 'failed') return errorData(outcome.error);
  const { key, manifest, builder, durationMs, peakDiskBytes } = outcome.record;
  const cache = outcome.kind === 'built' ? optional('cache', outcome.cache) : {};
  return { key, digest: manifest.digest, builder, durationMs, peakDiskBytes, ...cache };
}

function targetData(outcome: TargetOutcome): object {
  if (outcome.kind === 'failed') return errorData(outcome.error);
  if (outcome.kind === 'built') return {};
  const { set, waitsFor } = outcome.kind === 'waiting' ? outcome : {};
  return { ...publicationData(outcome.publication), set, waitsFor };
}

/** A publication as data. */
export function publicationData({ desired, digest, destinations, kept }: Publication): object {
  return {
    digest,
    platforms: desired.legs.map(({ manifest }) => formatPlatform(manifest.platform)),
    tags: desired.tags,
    kept: kept.map(keptData),
    destinations: destinations.map(({ destination, changes, problem }) => ({
      destination: formatLocation(destination.location),
      changes: changes.map(changeData),
      ...(problem === undefined ? {} : errorData(problem)),
    })),
  };
}

/** Content that was copied, as data. */
export function contentData({ targets, tally }: ContentOutcome): unknown {
  return {
    targets: targets.map(({ target, destinations, waitsFor, error }) => ({
      target,
      destinations: destinations.map(({ destination, manifests, problem }) => ({
        destination: formatLocation(destination.location),
        changes: manifests.map((manifest) => changeData({ kind: 'content', manifest })),
        ...(problem === undefined ? {} : errorData(problem)),
      })),
      waitsFor,
      ...(error === undefined ? {} : errorData(error)),
    })),
    ...tally,
  };
}

function changeData(change: Change): object {
  if (change.kind === 'content') return { kind: change.kind, digest: change.manifest.digest };
  if (change.kind === 'index') return { kind: change.kind, digest: change.index.digest };
  return { kind: change.kind, tag: change.tag, digest: change.index.digest, from: change.from };
}

/** An error as data. */
export function errorData(error: unknown): object {
  if (!isFanfoldError(error)) return { error: { message: messageOf(error) } };
  const { code, message, place, hint } = error;
  return { error: { code, message, place, hint } };
}
