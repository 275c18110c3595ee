/** One planned target's publication, whole or up to its tags. */
import type { Cancel } from '../base/host/cancel.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { desiredTarget } from '../plan/desired.ts';
import type { PlannedTarget } from '../plan/planned.ts';
import type { BlobSharing } from '../publish/blob-sharing.ts';
import { prepareTarget } from '../publish/prepare.ts';
import type { Open, PreparedTarget, Publication, PublishOptions } from '../publish/publication.ts';
import { publishTarget } from '../publish/reconcile.ts';
import type { TagOrder } from '../publish/settle-tags.ts';
import type { RunEvent, TargetOutcome } from './events.ts';

/** What publications share. */
export interface PublishSetting {
  readonly open: Open;
  readonly dryRun?: boolean;
  /** What tags are ordered by; without it every tag is taken. */
  readonly order?: TagOrder;
  /** What is known of blobs from other publications of the call. */
  readonly sharing?: BlobSharing;
  readonly on: (event: RunEvent) => void;
}

/**
 * Publishes one target whose legs are all there; what the plan saw in the destinations is used, where it saw them.
 * @throws FanfoldError `publish.failed`
 */
export async function publishPlanned(
  planned: PlannedTarget,
  records: readonly LegRecord[],
  setting: PublishSetting,
  cancel: Cancel,
): Promise<TargetOutcome> {
  const { desired, options } = asked(planned, records, setting);
  return outcomeOfPublication(await publishTarget(desired, setting.open, options, cancel));
}

/** The same without its tags. @throws FanfoldError `publish.failed` */
export async function preparePlanned(
  planned: PlannedTarget,
  records: readonly LegRecord[],
  setting: PublishSetting,
  cancel: Cancel,
): Promise<{ readonly kind: 'prepared'; readonly work: PreparedTarget }> {
  const { desired, options } = asked(planned, records, setting);
  return { kind: 'prepared', work: await prepareTarget(desired, setting.open, options, cancel) };
}

function asked(
  { target, tags, desired, destinations }: PlannedTarget,
  records: readonly LegRecord[],
  setting: PublishSetting,
) {
  const options: PublishOptions = {
    dryRun: setting.dryRun === true,
    ...optional('order', setting.order),
    ...optional('sharing', setting.sharing),
    ...(desired === undefined ? {} : { planned: destinations }),
    on: (event) => setting.on({ kind: 'target-changed', target: target.name, event }),
  };
  return { desired: desired ?? desiredTarget(target, records, tags), options };
}

/** How a target ended whose publication came to its end. */
export function outcomeOfPublication(publication: Publication): TargetOutcome {
  const changed = publication.destinations.some(({ changes, problem }) => changes.length > 0 || problem !== undefined);
  return { kind: changed ? 'published' : 'unchanged', publication };
}
