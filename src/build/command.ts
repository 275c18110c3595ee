/** Command: any program that pushes to the reference that it is given, or leaves an OCI layout. */
import { posix } from 'node:path';
import { FanfoldError } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { buildFailed, createBuildLog } from './build-log.ts';
import type { Builder, BuildOutcome, BuildRequest } from './builder.ts';
import { writeBuildFolders } from './folders.ts';
import { layoutRoots, takeLayout } from './layout-result.ts';
import { openLegEndpoint } from './leg-endpoint.ts';
import { contentMade, onlyPush, type Pushed } from './made.ts';

/** Builds a leg by the program that the target's `builder` names. */
export const commandBuilder: Builder = { kind: 'command', build };

async function build(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildOutcome> {
  const [program, ...args] = commandOf(request);
  const pushed = await runAndTake(request, program, args, host, cancel);
  const made = await contentMade(request, pushed, cancel);
  const asked = request.keyed.leg.target.attestations;
  if (made.attestations.length === 0 && (asked.provenance !== false || asked.sbom !== false)) {
    request.on({ kind: 'notice', message: `${program} made no attestations: the image has none` });
  }
  return { ...made, builder: { kind: 'command', version: posix.basename(program) } };
}

async function runAndTake(
  request: BuildRequest,
  program: string,
  args: readonly string[],
  host: Host,
  cancel: Cancel,
): Promise<Pushed> {
  await using folders = await writeBuildFolders(request, host, cancel);
  await using endpoint = await openLegEndpoint(request, host, cancel);
  const log = createBuildLog(request.on, host.secrets);
  const env = { ...host.env, ...told(request, `${endpoint.reference}:leg`, folders.scratch) };
  const { status } = await host.exec.run(program, args, { cwd: folders.context, env, onLine: log.hear }, cancel);
  const pushes = await endpoint.finish(cancel);
  if (status !== 0) throw buildFailed(request, program, status, log);
  const isLeft = (await layoutRoots(folders.scratch, host)).length > 0;
  if (isLeft && pushes.length > 0) throw wrongResult(request, `${program} pushed an image and left a layout, too`);
  if (isLeft) return await takeLayout(request, folders.scratch, host, cancel);
  if (pushes.length === 0) throw wrongResult(request, `${program} ended well but pushed nothing and left no layout`);
  return onlyPush(request, program, pushes);
}

/** What the program finds in its environment. */
function told({ keyed: { leg } }: BuildRequest, reference: string, layout: string): Readonly<Record<string, string>> {
  return {
    FANFOLD_REFERENCE: reference,
    FANFOLD_LAYOUT: layout,
    FANFOLD_PLATFORM: formatPlatform(leg.platform),
    FANFOLD_TARGET: leg.target.name,
  };
}

function commandOf({ keyed: { leg } }: BuildRequest): readonly [string, ...string[]] {
  const setting = leg.target.builder;
  const [program, ...args] = setting?.kind === 'command' ? setting.run : [];
  if (program !== undefined) return [program, ...args];
  throw new FanfoldError('build.builder', `${leg.name} is to be built by a command, and none is given`, {
    place: leg.target.place,
    hint: 'write `builder: { command: [PROGRAM, ARGUMENT] }`',
  });
}

function wrongResult({ keyed: { leg } }: BuildRequest, what: string): FanfoldError {
  return new FanfoldError('build.result', `${leg.name}: ${what}`, {
    place: { target: leg.target.name },
    hint: 'push one image to $FANFOLD_REFERENCE, or leave one in $FANFOLD_LAYOUT',
  });
}
