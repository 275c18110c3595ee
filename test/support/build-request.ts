// What the engine gives to a builder, made by hand: a leg, its context, and a store that takes the result.

import { type Host, nodeHost } from '../../src/base/host/host.ts';
import type { BuildEvent, BuildRequest } from '../../src/build/builder.ts';
import { formatLocation } from '../../src/content/oci/reference.ts';
import { memoryStore } from '../../src/content/store/memory.ts';
import { keyedLeg, type LegDifferences } from './keyed-leg.ts';
import { type MemoryFile, memoryTree } from './memory-tree.ts';
import { environmentForPeers } from './peers.ts';

/** What differs from a plain request: an empty context, a memory store, no other targets. */
export interface RequestDifferences extends LegDifferences {
  readonly files?: Readonly<Record<string, MemoryFile>>;
  readonly store?: BuildRequest['store'];
  readonly buildsOn?: BuildRequest['buildsOn'];
  readonly open?: BuildRequest['open'];
  /** Without what the builder remembers: what an audit asks for. */
  readonly fresh?: boolean;
}

/** A request, with what was told meanwhile. */
export interface TestRequest extends BuildRequest {
  readonly events: readonly BuildEvent[];
  /** The notices among them. */
  notices(): readonly string[];
  /** The log, as one text. */
  log(): string;
}

/** The machine with the peers on its PATH, and more in its environment. */
export function peersHost(env: Readonly<Record<string, string>> = {}): Host {
  return { ...nodeHost(), env: { ...environmentForPeers(), ...env } };
}

/** A request; `on` may listen, too. */
export function buildRequest(
  differences: RequestDifferences = {},
  on: BuildRequest['on'] = () => undefined,
): TestRequest {
  const events: BuildEvent[] = [];
  const keyed = keyedLeg(differences);
  return {
    keyed,
    context: memoryTree(differences.files ?? {}),
    store: differences.store ?? memoryStore(),
    subjects: keyed.leg.target.destinations.map(({ location }) => formatLocation(location)),
    fresh: differences.fresh ?? false,
    buildsOn: differences.buildsOn ?? new Map(),
    open:
      differences.open ??
      (async () => {
        throw new Error('this test opens nothing');
      }),
    on(event) {
      events.push(event);
      on(event);
    },
    events,
    notices: () => events.flatMap((event) => (event.kind === 'notice' ? [event.message] : [])),
    log: () => events.flatMap((event) => (event.kind === 'log' ? [event.line] : [])).join('\n'),
  };
}
