/** Content of legs from staging to a target's destinations, ahead of its publication: no index, no tag. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Destination, Target } from '../source/project/model.ts';
import { type ContentOptions, type OpenDestination, writeContent } from './content.ts';
import type { Open } from './publication.ts';

/** What a destination lacks. */
export interface Lacking {
  readonly destination: Destination;
  /** With all that they name. */
  readonly manifests: readonly Descriptor[];
}

/**
 * Brings each destination the manifests that it lacks. One that fails keeps no other from its content: where all at once do not come to
 * the end, each gets its own.
 * @returns why each destination that failed did
 */
export async function copyContent(
  target: Pick<Target, 'staging'>,
  lacking: readonly Lacking[],
  open: Open,
  options: ContentOptions,
  cancel: Cancel = {},
): Promise<ReadonlyMap<Destination, unknown>> {
  const behind = lacking.filter(({ manifests }) => manifests.length > 0);
  if (behind.length === 0) return new Map();
  const staging = await open(target.staging, cancel);
  const copy = async (some: readonly Lacking[]): Promise<ReadonlyMap<Destination, unknown>> => {
    const manifests = new Map(some.flatMap((one) => one.manifests.map((each) => [each.digest, each] as const)));
    const members = await Promise.all(some.map((one) => opened(one, open, cancel)));
    return await writeContent(staging, target.staging, members, [...manifests.values()], options, cancel);
  };
  try {
    return await copy(behind);
  } catch (problem) {
    cancel.signal?.throwIfAborted();
    if (behind.length === 1) return new Map(behind.map(({ destination }) => [destination, problem]));
  }
  const problems = new Map<Destination, unknown>();
  for (const one of behind) {
    try {
      for (const [destination, problem] of await copy([one])) problems.set(destination, problem);
    } catch (problem) {
      cancel.signal?.throwIfAborted();
      problems.set(one.destination, problem);
    }
  }
  return problems;
}

async function opened({ destination }: Lacking, open: Open, cancel: Cancel): Promise<OpenDestination> {
  return { destination, store: await open(destination.location, cancel) };
}
