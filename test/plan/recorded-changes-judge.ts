// What an engine makes of every leg of a plain checkout. It is told what fanfold.yaml says, and nothing of what was keyed.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeHost } from '../../src/base/host/host.ts';
import { formatPlatform } from '../../src/content/oci/platform.ts';
import { loadFamily } from '../../src/source/project/load.ts';
import type { Family, Leg } from '../../src/source/project/model.ts';
import { environmentForPeers, requirePeer } from '../support/peers.ts';
import { run, runOk } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** The digests of legs' images, by the legs' names. */
export type Built = ReadonlyMap<string, string>;

/** The family of a checkout. Throws what is wrong with its fanfold.yaml. */
export async function familyOf(folder: string): Promise<Family> {
  const { family, diagnostics } = await loadFamily(undefined, { ...nodeHost(), cwd: folder });
  if (family === undefined) throw new Error(JSON.stringify(diagnostics));
  return family;
}

/**
 * Clones a commit with its submodules, takes what is Git's own away, and builds all legs of it with BuildKit. Times are one fixed time,
 * so that equal digests are equal content, and the other way round.
 */
export async function buildCommit(repository: string, commit: string, flags: readonly string[] = []): Promise<Built> {
  using folder = temporaryFolder('judge');
  const checkout = join(folder.path, 'checkout');
  await cloneCommit(repository, commit, checkout);
  const family = await familyOf(checkout);
  const target = Object.fromEntries(legsOf(family).map((leg, place) => [`leg${place}`, bakeTarget(leg, checkout)]));
  const file = join(folder.path, 'bake.json');
  const metadata = join(folder.path, 'metadata.json');
  writeFileSync(file, JSON.stringify({ group: { default: { targets: Object.keys(target) } }, target }));
  await bake(['--file', file, '--metadata-file', metadata, ...flags], folder.path);
  const made = JSON.parse(readFileSync(metadata, 'utf8')) as Record<string, { 'containerimage.digest': string }>;
  return new Map(legsOf(family).map(({ name }, place) => [name, made[`leg${place}`]?.['containerimage.digest'] ?? '']));
}

function legsOf(family: Family): readonly Pick<Leg, 'name' | 'target' | 'platform'>[] {
  return family.targets.flatMap((target) =>
    target.platforms.map((platform) => ({ name: `${target.name}@${formatPlatform(platform)}`, target, platform })),
  );
}

async function cloneCommit(repository: string, commit: string, folder: string): Promise<void> {
  mkdirSync(folder);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const git = (...args: readonly string[]) =>
    runOk('git', ['-c', 'protocol.file.allow=always', ...args], { cwd: folder, env });
  await git('clone', '-q', '--shared', '--no-checkout', repository, '.');
  await git('checkout', '-q', '--detach', commit);
  await git('submodule', '--quiet', 'update', '--init');
  rmSync(join(folder, '.git'), { recursive: true });
  rmSync(join(folder, 'vendor/lib/.git'), { recursive: true, force: true });
}

function bakeTarget({ target, platform }: Pick<Leg, 'target' | 'platform'>, checkout: string): object {
  const annotations = Object.entries(target.annotations).map(([name, value]) => `manifest:${name}=${value}`);
  return {
    context: join(checkout, target.context),
    dockerfile: join(checkout, target.dockerfile),
    args: target.args,
    labels: target.labels,
    annotations,
    platforms: [formatPlatform(platform)],
    network: 'none',
    output: ['type=image,push=false,store=false,rewrite-timestamp=true'],
    ...(target.stage === undefined ? {} : { target: target.stage }),
  };
}

const tries = 3;

/** The engine loses a snapshot now and then where many builds share steps (seen with 28.5: "failed to stat active key during commit"). */
async function bake(flags: readonly string[], folder: string): Promise<void> {
  const args = ['buildx', 'bake', '--provenance=false', '--sbom=false', '--progress=plain', ...flags];
  const env = { ...environmentForPeers(), SOURCE_DATE_EPOCH: '1700000000' };
  const options = { env, cwd: folder, timeoutMs: 120_000 };
  for (let attempt = 1; attempt < tries; attempt++) {
    if ((await run(requirePeer('docker'), args, options)).status === 0) return;
  }
  await runOk(requirePeer('docker'), args, options);
}
