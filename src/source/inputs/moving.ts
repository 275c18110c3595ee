/** What a leg fetches under a name that does not fix what is there: no key holds it, and each build may give another image. */
import type { StageNeeds } from '../dockerfile/needs.ts';
import type { Leg, Target } from '../project/model.ts';
import type { LegInputs } from './leg-inputs.ts';

/** What the key of a leg cannot hold however much is taken, in words; `remotes` are what its Dockerfile's ADD fetches. */
export function unfixed({ target }: Leg, remotes: StageNeeds['remotes']): readonly string[] {
  return [...fetched(remotes), ...movingContexts(target)];
}

/**
 * Why a target's leg is built in every run; none where the target says by `refresh` when it is looked for. `below` holds the inputs of the
 * legs that it builds on, by target.
 */
export function movingReasons(
  { refresh }: Target,
  own: readonly string[],
  below: Iterable<readonly [string, Pick<LegInputs, 'moving'>]>,
): readonly string[] {
  if (refresh !== undefined) return [];
  const bases = [...below].filter(([, { moving }]) => moving.length > 0);
  return [...own, ...bases.map(([name]) => `it builds on ${name}, which is built in every run`)];
}

function fetched(remotes: StageNeeds['remotes']): readonly string[] {
  return remotes.flatMap(({ remote, place }) => {
    const isFixed =
      remote.checksum !== undefined || (remote.kind === 'git' && /^[0-9a-f]{40,64}$/.test(remote.ref ?? ''));
    return isFixed ? [] : [`line ${place.line}: what ${remote.url} holds is not in the key; add --checksum`];
  });
}

/** Git repositories among the contexts that are named by no commit. Their URLs may hold credentials. */
function movingContexts({ contexts }: Target): readonly string[] {
  return Object.entries(contexts).flatMap(([name, context]) => {
    const isFixed = context.kind !== 'git' || /#(?:[0-9a-f]{40}|[0-9a-f]{64})(?::|$)/.test(context.url);
    return isFixed ? [] : [`what the context ${name} holds, a Git repository, is not in the key: name a commit`];
  });
}
