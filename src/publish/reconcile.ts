/** Makes a target's destinations as they should be, in the safe order: content everywhere, the index everywhere, then tags. */
import type { Cancel } from '../base/host/cancel.ts';
import type { DesiredTarget } from '../plan/desired.ts';
import { moveTags } from './move-tags.ts';
import { prepareTarget } from './prepare.ts';
import type { Open, Publication, PublishOptions } from './publication.ts';
import { ownerOf } from './tag-owner.ts';

/**
 * Publishes one target. Twice does no harm, a run that died is finished by the next. No tag moves anywhere before content and index are
 * in every required destination, and none goes back to an older commit or version.
 * @throws FanfoldError `publish.failed` naming the required destination; no tag has moved then, unless a tag itself was refused.
 * `ledger.invalid` and `git.shallow` where it cannot be told whether a tag may be taken
 */
export async function publishTarget(
  desired: DesiredTarget,
  open: Open,
  options: PublishOptions = {},
  cancel: Cancel = {},
): Promise<Publication> {
  const prepared = await prepareTarget(desired, open, options, cancel);
  const [moved] = await moveTags([prepared], ownerOf(desired.target), cancel);
  if (moved === undefined || 'error' in moved) throw moved?.error;
  return moved;
}
