// The one way of a leg, by hand: a fan-out over staging and the destinations, a builder, a record.

import type { Host } from '../../src/base/host/host.ts';
import type { Builder, BuildOutcome } from '../../src/build/builder.ts';
import { parseLocation } from '../../src/content/oci/reference.ts';
import { fanOut } from '../../src/content/store/fan-out.ts';
import type { Stores } from '../../src/content/store/open.ts';
import type { LegRecord } from '../../src/ledger/leg-record.ts';
import { writeRecord } from '../../src/ledger/staging.ts';
import type { Target } from '../../src/source/project/model.ts';
import { buildRequest, type RequestDifferences, type TestRequest } from './build-request.ts';
import { keyOf } from './publication.ts';

/** A leg that was built: what came of it, and its record in staging. */
export interface BuiltLeg {
  readonly outcome: BuildOutcome;
  readonly record: LegRecord;
  readonly target: Target;
  readonly request: TestRequest;
}

/** Builds a leg into `staging` and every destination of `differences`, all of them required. */
export async function builtLeg(
  builder: Builder,
  staging: string,
  differences: RequestDifferences,
  host: Host,
  stores: Stores,
): Promise<BuiltLeg> {
  const location = parseLocation(staging);
  const request = buildRequest({ ...differences, target: { ...differences.target, staging: location } });
  const { leg } = request.keyed;
  const places = [location, ...leg.target.destinations.map((destination) => destination.location)];
  const members = await Promise.all(
    places.map(async (place, at) => ({ name: String(at), store: await stores.open(place), required: true })),
  );
  const open = (place: typeof location) => stores.open(place);
  const outcome = await builder.build({ ...request, store: fanOut(members), open }, host, {});
  const record: LegRecord = {
    key: keyOf(`${leg.name} ${process.hrtime.bigint()}`),
    leg: leg.name,
    manifest: { ...outcome.manifest, platform: leg.platform },
    attestations: outcome.attestations,
    builder: `${outcome.builder.kind} ${outcome.builder.version}`,
    pushed: outcome.pushed.digest,
    durationMs: 1,
    revision: '',
    run: '',
    builtMs: 0,
  };
  return { outcome, target: leg.target, request, record: await writeRecord(await stores.open(location), record) };
}
