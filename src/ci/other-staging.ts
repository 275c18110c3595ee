/** Where a job leaves what a release is not to find: on its machine, where it has no credentials, or in a staging of proposals' own. What shared staging holds is read all the same. */
import { join } from 'node:path';
import { isFanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { OpenAll } from '../call/open.ts';
import type { Project } from '../call/project.ts';
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { OpenedStore } from '../content/store/open.ts';
import { readsNamed } from '../content/store/store.ts';
import type { Plan, PlannedLeg } from '../plan/planned.ts';
import type { Target } from '../source/project/model.ts';

/** The project with stagings that nobody may read without credentials taken as empty. */
export function withReadableStaging(project: Project): Project {
  const stagings = new Set(project.family.targets.map(({ staging }) => formatLocation(staging)));
  const open: OpenAll = async (location, cancel) => {
    const store = await project.open(location, cancel);
    return stagings.has(formatLocation(location)) ? emptyWhereDenied(store) : store;
  };
  return { ...project, open };
}

/** The plan with each leg that is to be built staged in a layout of the machine's own. What builds on it reads it there. */
export function stagedLocally<P extends Plan>(plan: P, folder: string): P {
  return stagedElsewhere(plan, ({ name }) => ({ kind: 'layout', path: join(folder, name) }));
}

/** The plan with each leg that is to be built staged beside its target's staging, where only proposals look. */
export function stagedApart<P extends Plan>(plan: P): P {
  return stagedElsewhere(plan, ({ staging }) =>
    staging.kind === 'layout'
      ? { ...staging, path: `${staging.path}${apart}` }
      : { ...staging, repository: `${staging.repository}${apart}` },
  );
}

const apart = '-proposed';

function stagedElsewhere<P extends Plan>(plan: P, place: (target: Target) => Location): P {
  const moved = <L extends PlannedLeg>(planned: L): L => {
    const { keyed } = planned;
    const { leg } = keyed;
    return { ...planned, keyed: { ...keyed, leg: { ...leg, target: { ...leg.target, staging: place(leg.target) } } } };
  };
  return { ...plan, legs: plan.legs.map((leg) => (leg.action === 'build' ? moved(leg) : leg)) };
}

function emptyWhereDenied(store: OpenedStore): OpenedStore {
  return {
    ...store,
    resolve: (name, cancel) => unlessDenied(() => store.resolve(name, cancel)),
    ...(readsNamed(store)
      ? { readNamed: (name: string, cancel?: Cancel) => unlessDenied(() => store.readNamed(name, cancel)) }
      : {}),
  };
}

/** Registries hide what is private as denied or as not there, each in its own way. */
async function unlessDenied<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isFanfoldError(error) && (error.code === 'registry.denied' || error.code === 'registry.not-found'))
      return undefined;
    throw error;
  }
}
