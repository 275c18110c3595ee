/** The way that content takes out of BuildKit, and why: through the endpoint wherever BuildKit reaches it. */
import type { Destination } from '../../source/project/model.ts';
import { isLoopback } from '../loopback.ts';
import type { BuildxDriver } from './driver.ts';

/** How a leg's content comes out. */
export type Way =
  /** Pushed once to the endpoint, by digest or (where the driver refuses that) by a tag. */
  | { readonly kind: 'endpoint'; readonly by: 'digest' | 'tag' }
  /** One exporter pushes to every destination itself; staging is filled from the first. */
  | { readonly kind: 'names'; readonly reason: string }
  /** An OCI layout is exported, read and written to every member. */
  | { readonly kind: 'export'; readonly reason: string };

/** Whether an image can be pushed by digest; the docker driver's client refuses to. */
export function pushesByDigest(driver: BuildxDriver): boolean {
  return driver.kind !== 'docker';
}

/** What a BuildKit does that does not reach this machine: its export is read, or it pushes to the destinations itself. */
export type Remote = 'export' | 'push';

/** The way for a builder of which a probe told whether it reaches this machine's loopback. */
export function chooseWay(
  driver: BuildxDriver,
  reaches: boolean,
  remote: Remote,
  destinations: readonly Destination[],
): Way {
  if (reaches) return { kind: 'endpoint', by: pushesByDigest(driver) ? 'digest' : 'tag' };
  const why = `the BuildKit behind the ${driver.kind} driver does not reach 127.0.0.1 of this machine`;
  if (remote === 'export') return exported(why);
  if (!pushesByDigest(driver)) return exported(`${why} and its driver cannot push by digest`);
  const layout = destinations.find(({ location }) => location.kind === 'layout');
  if (layout !== undefined) return exported(`${why} and a destination is an OCI layout`);
  if (destinations.some(({ location }) => location.kind === 'registry' && isLoopback(location.host))) {
    return exported(`${why}, where a destination is`);
  }
  return { kind: 'names', reason: `${why}, so it pushes to the destinations itself, by one exporter with every name` };
}

/** The export, for a reason that is told. */
function exported(reason: string): Way {
  return { kind: 'export', reason: `${reason}, so its OCI export is read` };
}
