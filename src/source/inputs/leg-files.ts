/** The files of a leg: from the main context and from each folder among the named ones, with why more than the exact files were taken. */
import { throwIfErrors } from '../../base/errors/diagnostic.ts';
import { FanfoldError } from '../../base/errors/error.ts';
import { type FileNeed, fileNeeds, remoteNeeds, type StageNeeds } from '../dockerfile/needs.ts';
import type { CopySource } from '../dockerfile/select.ts';
import type { CopyOrigin } from '../dockerfile/step.ts';
import type { Leg } from '../project/model.ts';
import type { SelectedFiles, Selector } from './files.ts';
import { type MachineLines, machineLines } from './machine-names.ts';
import { unfixed } from './moving.ts';
import type { ReachedBuild } from './reach.ts';
import type { SourceFolder } from './source-folder.ts';

/** Folders that a leg reads from. */
export interface LegFolders {
  readonly main: SourceFolder;
  /** By the names of the contexts. */
  readonly named: ReadonlyMap<string, SourceFolder>;
}

/** What a leg takes. */
export interface LegFiles {
  readonly main: SelectedFiles;
  readonly named: ReadonlyMap<string, SelectedFiles>;
  readonly undecided: readonly string[];
  /** Of `undecided`, what the key cannot hold however much is taken. */
  readonly moving: readonly string[];
}

/** One thing that is taken from some origin. */
interface Taking {
  readonly origin: CopyOrigin;
  readonly source: CopySource;
  readonly undecided: readonly string[];
}

/**
 * Selects a leg's files. Where something could not be decided, the whole folder that it may take from is taken.
 * @throws DiagnosticsError a source that is not there; FanfoldError `inputs.untracked`, `inputs.submodule`
 */
export function selectLegFiles(leg: Leg, build: ReachedBuild, folders: LegFolders, select: Selector): LegFiles {
  const { takings, remotes } = needsOf(build, leg);
  const anywhere = [...foreignReason(build), ...build.unknownBases];
  for (const stage of build.reached.stages) anywhere.push(...stage.undecided);
  const take = (folder: SourceFolder, isFrom: (origin: CopyOrigin) => boolean): SelectedFiles => {
    const from = takings.filter(({ origin }) => isFrom(origin));
    const whole = anywhere.length > 0 || from.some(({ undecided }) => undecided.length > 0);
    const exact = from.filter(({ undecided }) => undecided.length === 0).map(({ source }) => source);
    const found = select(folder, exact, whole || isBase(build, folder, folders));
    const file = leg.target.dockerfile;
    if (found.diagnostics.length > 0) {
      throwIfErrors(found.diagnostics.map((one) => ({ ...one, place: { file, ...one.place } })));
    }
    assertCommitted(leg, found);
    assertCheckedOut(leg, found);
    return found;
  };
  const named = [...folders.named].map(
    ([name, folder]) => [name, take(folder, (origin) => origin.kind === 'named' && origin.name === name)] as const,
  );
  const main = take(folders.main, ({ kind }) => kind === 'context');
  const ofTakings = takings.flatMap(({ undecided }) => undecided);
  const moving = unfixed(leg, remotes);
  const undecided = [...anywhere, ...ofTakings, ...declarationReasons(folders.main, main), ...moving];
  return { main, named: new Map(named), undecided: [...new Set(undecided)], moving };
}

/** Why more counts than the target's `inputs` say, in words. */
export function declarationReasons({ declared }: SourceFolder, { undeclared }: SelectedFiles): readonly string[] {
  return [...(declared?.undecided ?? []), ...undeclared];
}

/** Why whole folders are taken, in words; empty where all is exact. */
export function wholeReasons(
  build: Reached & Pick<ReachedBuild, 'unknownBases' | 'foreignFrontend'>,
  leg: Leg,
): readonly string[] {
  const { reached, unknownBases } = build;
  const ofStages = reached.stages.flatMap((stage) => stage.undecided);
  const ofTakings = needsOf(build, leg).takings.flatMap(({ undecided }) => undecided);
  return [...new Set([...foreignReason(build), ...unknownBases, ...ofStages, ...ofTakings])];
}

function foreignReason({ foreignFrontend }: Pick<ReachedBuild, 'foreignFrontend'>): readonly string[] {
  return foreignFrontend === undefined
    ? []
    : [`what the frontend ${foreignFrontend} takes is not known: all counts, and every line of the Dockerfile`];
}

/** A folder that a stage starts from is taken whole. */
function isBase(build: ReachedBuild, folder: SourceFolder, folders: LegFolders): boolean {
  return build.reached.stages.some(({ base }) => base.kind === 'named' && folders.named.get(base.name) === folder);
}

type Reached = Pick<ReachedBuild, 'dockerfile' | 'reached'>;

function needsOf(
  { dockerfile, reached: { stages } }: Reached,
  { target }: Leg,
): { readonly takings: readonly Taking[]; readonly remotes: StageNeeds['remotes'] } {
  const takings: Taking[] = [];
  const remotes: StageNeeds['remotes'][number][] = [];
  const machine = machineLines(stages, dockerfile, target.args);
  for (const stage of stages) {
    const lines = machine.get(stage.index);
    for (const need of fileNeeds(stage)) takings.push(takingOf(need, lines));
    remotes.push(...remoteNeeds(stage));
  }
  return { takings, remotes };
}

function takingOf({ origin, source, undecided, place }: FileNeed, machine: StageLines | undefined): Taking {
  const ofMachine = machine?.get(place.line) ?? none;
  return { origin, source, undecided: undecided === undefined ? ofMachine : [undecided, ...ofMachine] };
}

const none: readonly string[] = [];

type StageLines = NonNullable<ReturnType<MachineLines['get']>>;

const namedAtMost = 10;

function assertCommitted({ target }: Leg, { untracked }: SelectedFiles): void {
  if (untracked.length === 0) return;
  const more = untracked.length > namedAtMost ? ` and ${untracked.length - namedAtMost} more` : '';
  const names = `${untracked.slice(0, namedAtMost).join(', ')}${more}`;
  throw new FanfoldError('inputs.untracked', `${target.name} takes what is not committed: ${names}`, {
    place: { ...target.place, target: target.name },
    hint: 'commit it, ignore it in .dockerignore, declare it under `generated`, or key files as they stand on disk with --worktree',
  });
}

function assertCheckedOut({ target }: Leg, files: SelectedFiles): void {
  const submodule = files.submodule();
  if (submodule === undefined) return;
  throw new FanfoldError(
    'inputs.submodule',
    `${target.name} takes the submodule ${submodule.path}, which is not here`,
    {
      place: { ...target.place, target: target.name },
      hint: 'run `git submodule update --init`, or ignore it in .dockerignore',
    },
  );
}
