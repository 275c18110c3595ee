/** The last record of a leg: the newest commit before now whose key staging holds. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Source } from '../content/store/store.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { findRecord } from '../ledger/staging.ts';
import { commitAt, findRepository } from '../source/git/repository.ts';
import type { OpenSource } from '../source/inputs/bases.ts';
import { keyLegs } from '../source/inputs/key-legs.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Family } from '../source/project/model.ts';
import { familyAt, type RevisionHost } from './since.ts';

/** A record and the leg as it was keyed then. */
export interface LastRecord {
  readonly record: LegRecord;
  readonly keyed: KeyedLeg;
}

const commitsBack = 25;

/** Looks back from HEAD, the leg's own line of commits, 25 at the most; undefined where none of them is built. */
export async function lastRecord(
  now: KeyedLeg,
  family: Family,
  stores: { readonly staging: Source; readonly open: OpenSource },
  host: RevisionHost,
  cancel: Cancel = {},
): Promise<LastRecord | undefined> {
  const here = await findRecord(stores.staging, now.key, cancel);
  if (here !== undefined) return { record: here, keyed: now };
  const repository = await findRepository(family.root, host, cancel);
  if (repository === undefined) return undefined;
  const asked = ['rev-list', '--first-parent', `--max-count=${commitsBack}`, 'HEAD', '--'];
  const { stdout } = await repository.git.run(asked, { expect: [128] }, cancel);
  const looked = new Set<string>([now.key]);
  for (const id of stdout
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')) {
    const { family: then } = await familyAt(family, await commitAt(repository, id, cancel), repository, host, cancel);
    if (then === undefined) continue;
    const only = { only: ({ name }: { readonly name: string }) => name === now.leg.name };
    const { keyed } = await keyLegs(then, { tree: 'head', revision: id, open: stores.open, ...only }, host, cancel);
    const leg = keyed.find(({ leg }) => leg.name === now.leg.name);
    if (leg === undefined || looked.has(leg.key)) continue;
    looked.add(leg.key);
    const record = await findRecord(stores.staging, leg.key, cancel);
    if (record !== undefined) return { record, keyed: leg };
  }
  return undefined;
}
