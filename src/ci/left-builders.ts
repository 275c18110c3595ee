/**
 * Builders that a job left because it was killed. A hosted machine is gone with its job; on a machine of somebody's own the container would run on. A
 * runner does one job at a time, so a builder that the same runner made in another job is nobody's any more.
 */
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { outputOf } from '../build/machine.ts';
import { digestOf } from '../content/oci/digest.ts';

type BuilderHost = Pick<Host, 'exec' | 'env' | 'random'>;

const nameBytes = 6;
const hashDigits = 12;

/** A name for a builder of this job, from which the runner's next job tells whose it was. */
export function builderName({ env, random }: Pick<Host, 'env' | 'random'>): string {
  return `fanfold-${runnerHash(env)}-${jobHash(env)}-${Buffer.from(random(nameBytes)).toString('hex')}`;
}

/** Builders that one call takes away at the most; what is left is the next one's. */
const removedAtMost = 10;

/**
 * Takes away what earlier jobs of this runner left: the builder, its container and its volume. Another runner's on the same machine, another user's
 * builders and those of this very job stay. What Docker does not do is left to the next job.
 */
export async function removeLeftBuilders(
  host: BuilderHost,
  note: (line: string) => void,
  cancel: Cancel,
): Promise<void> {
  const { env } = host;
  if (env['RUNNER_ENVIRONMENT'] === 'github-hosted' || (env['RUNNER_NAME'] ?? '') === '') return;
  const left = await leftBuilders(host, cancel);
  for (const name of left.slice(0, removedAtMost)) {
    note(`removing the Buildx builder ${name}, which an earlier job of this runner left`);
    const node = `buildx_buildkit_${name}0`;
    await outputOf(host, 'docker', ['buildx', 'rm', '--force', name], cancel);
    // Where Buildx no longer knows it, these are still there.
    await outputOf(host, 'docker', ['container', 'rm', '--force', '--volumes', node], cancel);
    await outputOf(host, 'docker', ['volume', 'rm', '--force', `${node}_state`], cancel);
  }
}

async function leftBuilders(host: BuilderHost, cancel: Cancel): Promise<readonly string[]> {
  const own = `fanfold-${runnerHash(host.env)}-`;
  const filter = `--filter=name=buildx_buildkit_${own}`;
  const containers = await outputOf(
    host,
    'docker',
    ['container', 'ls', '--all', filter, '--format={{.Names}}'],
    cancel,
  );
  const volumes = await outputOf(host, 'docker', ['volume', 'ls', filter, '--format={{.Name}}'], cancel);
  const names = [containers, volumes].flatMap((text = '') =>
    text
      .split('\n')
      .flatMap((line) => /^buildx_buildkit_(fanfold(?:-[0-9a-f]{12}){3})0(?:_state)?$/.exec(line)?.[1] ?? []),
  );
  const current = `${own}${jobHash(host.env)}-`;
  return [...new Set(names)].filter((name) => name.startsWith(own) && !name.startsWith(current));
}

/** The runner on this machine: two have different folders, whatever they are called. */
function runnerHash(env: Host['env']): string {
  return hashOf(['RUNNER_NAME', 'RUNNER_TEMP'].map((name) => env[name] ?? ''));
}

/** The job: all that runs in it at the same time has one. */
function jobHash(env: Host['env']): string {
  return hashOf(
    ['GITHUB_REPOSITORY', 'GITHUB_RUN_ID', 'GITHUB_RUN_ATTEMPT', 'GITHUB_JOB'].map((name) => env[name] ?? ''),
  );
}

function hashOf(parts: readonly string[]): string {
  return digestOf(JSON.stringify(parts)).slice('sha256:'.length, 'sha256:'.length + hashDigits);
}
