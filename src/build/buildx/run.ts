/** One call of `docker buildx build`, heard line by line, its failure told with the Dockerfile's line. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { buildFailed, createBuildLog } from '../build-log.ts';
import type { BuildRequest } from '../builder.ts';
import { familyRoot } from '../family-root.ts';
import type { BuildFolders } from '../folders.ts';
import { buildArguments } from './arguments.ts';

/**
 * Runs Buildx to its end. `more` are flags beside those of the request.
 * @throws FanfoldError `build.failed` with the last lines of its log
 */
export async function runBuildx(
  request: BuildRequest,
  folders: BuildFolders,
  outputs: readonly string[],
  host: Host,
  cancel: Cancel,
  more: readonly string[] = [],
): Promise<void> {
  const log = createBuildLog(request.on, host.secrets);
  const options = {
    cwd: familyRoot(request.keyed, host),
    env: buildxEnvironment(host.env),
    onLine: log.hear,
    maxOutputBytes,
  };
  const { status } = await host.exec.run('docker', buildArguments(request, folders, outputs, more), options, cancel);
  if (status !== 0) throw buildFailed(request, 'docker buildx build', status, log);
}

const maxOutputBytes = 64 * 1024 * 1024;

/**
 * The environment without what Buildx would turn into arguments of the build behind the key's back: SOURCE_DATE_EPOCH becomes a build
 * argument, the others add attestations or change the metadata.
 */
export function buildxEnvironment(env: Host['env']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !unkeyed.has(name)));
}

const unkeyed = new Set([
  'SOURCE_DATE_EPOCH',
  'BUILDX_NO_DEFAULT_ATTESTATIONS',
  'BUILDX_GIT_INFO',
  'BUILDX_GIT_LABELS',
  'DOCKER_DEFAULT_PLATFORM',
]);
