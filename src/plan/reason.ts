/** Every reason of a plan, and its words. */
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { FailureNote } from '../ledger/failure-note.ts';

/** Why a leg is built or reused. */
export type LegReason =
  | { readonly kind: 'not-built'; readonly staging: Location }
  | { readonly kind: 'built'; readonly run: string; readonly revision: string }
  | { readonly kind: 'failed-before'; readonly staging: Location; readonly failure: FailureNote }
  | { readonly kind: 'same-key'; readonly leg: string }
  /** Built, and the target's tests have not passed on it. */
  | { readonly kind: 'untested'; readonly run: string; readonly revision: string }
  | { readonly kind: 'asked' }
  /** Each build may give another image, in words. */
  | { readonly kind: 'moving'; readonly why: string };

/** Why a target is published, or not. */
export type TargetReason =
  | { readonly kind: 'legs-to-build'; readonly legs: readonly string[] }
  | { readonly kind: 'legs-to-test'; readonly legs: readonly string[] }
  | { readonly kind: 'differs'; readonly changes: number }
  | { readonly kind: 'as-planned' }
  | { readonly kind: 'unkeyed'; readonly message: string };

/** The reason as half a sentence. */
export function describeReason(reason: LegReason | TargetReason): string {
  switch (reason.kind) {
    case 'not-built':
      return `its key is not in ${formatLocation(reason.staging)}`;
    case 'built':
      return describeBuilt(reason);
    case 'untested':
      return `${describeBuilt(reason)}; its tests have not passed`;
    case 'failed-before':
      return `planned last: failed before ${describeFailure(reason.failure)}`;
    case 'same-key':
      return `has the key of ${reason.leg}`;
    case 'asked':
      return 'asked for by --all';
    case 'moving':
      return `built in every run: ${reason.why}`;
    case 'legs-to-build':
      return `${reason.legs.length} of its legs ${reason.legs.length === 1 ? 'is' : 'are'} still to be built`;
    case 'legs-to-test':
      return `the tests of ${reason.legs.length} of its legs have not passed`;
    case 'differs':
      return `${reason.changes} ${reason.changes === 1 ? 'change' : 'changes'} in its destinations`;
    case 'as-planned':
      return 'every destination is as it should be';
    case 'unkeyed':
      return reason.message;
    default:
      return reason satisfies never;
  }
}

function describeBuilt({ run, revision }: { readonly run: string; readonly revision: string }): string {
  return `built already${revision === '' ? '' : ` at ${revision.slice(0, 12)}`}${run === '' ? '' : ` by ${run}`}`;
}

function describeFailure({ failedMs, run, count }: FailureNote): string {
  const when = new Date(failedMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return `at ${when}${run === '' ? '' : ` by ${run}`}${count === 1 ? '' : `, ${count} times`}`;
}
