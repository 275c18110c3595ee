/** Room on the job's disk for one leg after another. */
import { FanfoldError, isFanfoldError, messageOf } from '../base/errors/error.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { dataFolders } from '../build/data-folders.ts';
import type { Project } from '../call/project.ts';
import { lastBuilds, needsOf } from '../plan/last-builds.ts';
import type { Plan } from '../plan/planned.ts';
import { isHostedMachine } from '../runners/hosted-machine.ts';
import type { DiskNeed } from '../runners/needs.ts';
import { type Preparation, prepareDisk } from '../runners/prepare.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { formatDiskSize } from '../source/project/disk-size.ts';
import { defaultGithub, type PrepareDisk } from '../source/project/github-setting.ts';
import type { Job } from './job.ts';

/** What the job is. */
export interface RoomSetting {
  /** The machine's root. */
  readonly root: string;
  /** What legs need, by name; of those that are not there nothing is known. */
  readonly needs: ReadonlyMap<string, DiskNeed>;
  readonly prepare: PrepareDisk;
  /** The family's folder, on the disk that is filled where no engine's is known. */
  readonly familyRoot: string;
  /** A builder that the job made for itself, whose cache is its own to drop. */
  readonly ownBuilder?: string;
  readonly note: (line: string) => void;
}

/**
 * Reads what a job's legs need, and removes all at once where fanfold.yaml wants that. The answer takes the host that the job's builder is ready on, and
 * gives what makes room before each leg.
 */
export async function roomFor(
  { host, log, root, signal }: Pick<Job, 'host' | 'log' | 'root' | 'signal'>,
  { family, open }: Pick<Project, 'family' | 'open'>,
  { legs }: Pick<Plan, 'legs'>,
): Promise<(ready: Host) => RoomMaker> {
  const needs = needsOf(legs, await lastBuilds(legs, open, { signal }));
  const prepare = family.github?.prepareDisk ?? defaultGithub.prepareDisk;
  const setting = { root, needs, prepare, familyRoot: family.root, note: (line: string) => log.note(line) };
  const builds = legs.some(({ action }) => action === 'build');
  if (prepare.when === 'always' && builds) await prepareWhole(setting, host, { signal });
  return (ready) => {
    const builder = ready.env['BUILDX_BUILDER'];
    const isOwn = builder !== undefined && builder !== host.env['BUILDX_BUILDER'];
    return createRoomMaker({ ...setting, ...(isOwn ? { ownBuilder: builder } : {}) }, ready);
  };
}

/** Makes room for a leg. @throws FanfoldError `run.disk` where there can be none */
export type RoomMaker = (keyed: KeyedLeg, cancel: Cancel) => Promise<void>;

/**
 * What makes room before a leg. On a hosted runner: first what nothing is built with, then what the job's own builder kept of earlier legs. On any other
 * machine nothing is taken away, and a need that does not fit is told.
 */
export function createRoomMaker(setting: RoomSetting, host: Host): RoomMaker {
  return async ({ leg }, cancel) => {
    const need = setting.needs.get(leg.name);
    if (need === undefined) return;
    const folder = await diskFolder(setting, host, cancel);
    const free = async (): Promise<number> => (await host.disk.space(folder))?.freeBytes ?? Number.POSITIVE_INFINITY;
    if ((await free()) >= need.bytes) return;
    const isHosted = await isHostedMachine(host);
    if (isHosted && setting.prepare.when !== 'never') {
      const { keep } = setting.prepare;
      await tellPreparation(
        prepareDisk({ root: setting.root, folder, needBytes: need.bytes, keep }, host, cancel),
        setting,
        cancel,
      );
    }
    if ((await free()) < need.bytes) await dropCache(setting, host, cancel);
    const left = await free();
    if (left >= need.bytes) return;
    if (isHosted && left < need.leastBytes) throw noRoom(leg.target.name, leg.name, need, left, host);
    setting.note(`notice  ${leg.name} ${wordsOf(need)}, and ${formatDiskSize(left)} are free`);
  };
}

/** Removes all that a hosted runner can do without, whatever is needed. */
export async function prepareWhole(setting: RoomSetting, host: Host, cancel: Cancel): Promise<void> {
  if (!(await isHostedMachine(host))) return;
  const folder = await diskFolder(setting, host, cancel);
  const { keep } = setting.prepare;
  await tellPreparation(prepareDisk({ root: setting.root, folder, keep }, host, cancel), setting, cancel);
}

async function diskFolder({ familyRoot }: RoomSetting, host: Host, cancel: Cancel): Promise<string> {
  const [engine] = await dataFolders('buildx', host, cancel);
  return engine !== undefined && (await host.disk.space(engine)) !== undefined ? engine : familyRoot;
}

async function tellPreparation(work: Promise<Preparation>, { note }: RoomSetting, cancel: Cancel): Promise<void> {
  try {
    const { freeBeforeBytes, freeBytes, removals, durationMs } = await work;
    if (removals.length === 0) return;
    const names = removals.map(({ name }) => name).join(', ');
    note(
      `prepared the disk: ${formatDiskSize(freeBytes)} are free, ${formatDiskSize(freeBeforeBytes)} were; removed ${names} in ${Math.ceil(durationMs / 1000)} s`,
    );
  } catch (error) {
    cancel.signal?.throwIfAborted();
    if (!isFanfoldError(error)) throw error;
    note(`notice  the disk could not be prepared: ${messageOf(error)}`);
  }
}

async function dropCache({ ownBuilder, note }: RoomSetting, host: Host, cancel: Cancel): Promise<void> {
  if (ownBuilder === undefined) return;
  const args = ['buildx', 'prune', `--builder=${ownBuilder}`, '--all', '--force'];
  const { status } = await host.exec.run('docker', args, { env: host.env }, cancel);
  if (status === 0) note('dropped what the job’s builder kept of earlier legs');
}

function noRoom(target: string, leg: string, need: DiskNeed, leftBytes: number, { env }: Host): FanfoldError {
  const runner = env['RUNNER_NAME'] ?? 'this runner';
  return new FanfoldError(
    'run.disk',
    `${leg} ${wordsOf(need)}, and ${runner} has ${formatDiskSize(leftBytes)} free with nothing left to remove`,
    {
      place: { target },
      hint: 'give the target a larger runner (runner: in fanfold.yaml), or run the job again: hosted runners of one label have disks of two sizes',
    },
  );
}

function wordsOf({ from, bytes, leastBytes }: DiskNeed): string {
  return from === 'declared'
    ? `needs ${formatDiskSize(bytes)} of disk`
    : `took ${formatDiskSize(leastBytes)} of disk the last time`;
}
