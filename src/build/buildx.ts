/** Buildx: BuildKit builds, and its image and attestations reach every registry with equal bytes. */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import type { Builder, BuildOutcome, BuildRequest } from './builder.ts';
import { buildByEndpoint } from './buildx/by-endpoint.ts';
import { buildByExport } from './buildx/by-export.ts';
import { buildByNames } from './buildx/by-names.ts';
import { probeReach } from './buildx/probe.ts';
import { chooseWay, type Way } from './buildx/way.ts';
import { type BuildFolders, writeBuildFolders } from './folders.ts';
import { contentMade, type Pushed } from './made.ts';
import { hideSecrets } from './secrets.ts';

/** Builds a leg by `docker buildx build`. */
export const buildxBuilder: Builder = { kind: 'buildx', build };

async function build(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildOutcome> {
  const { target, platform } = request.keyed.leg;
  const setting = target.builder?.kind === 'buildx' ? target.builder : undefined;
  const { version, driver, reaches } = await probeReach(setting?.name, platform, host, cancel);
  const way = chooseWay(driver, reaches, setting?.remote ?? 'export', target.destinations);
  if (way.kind !== 'endpoint') request.on({ kind: 'notice', message: way.reason });
  await hideSecrets(request.keyed, host);
  await using folders = await writeBuildFolders(request, host, cancel);
  const pushed = await buildBy(way, request, folders, host, cancel);
  return { ...(await contentMade(request, pushed, cancel)), builder: { kind: 'buildx', version } };
}

function buildBy(way: Way, request: BuildRequest, folders: BuildFolders, host: Host, cancel: Cancel): Promise<Pushed> {
  switch (way.kind) {
    case 'endpoint':
      return buildByEndpoint(request, way.by, folders, host, cancel);
    case 'names':
      return buildByNames(request, folders, host, cancel);
    case 'export':
      return buildByExport(request, folders, host, cancel);
    default:
      return way satisfies never;
  }
}
