/** What the steps of a stage need from outside: files, secrets, what is fetched; and whether it runs anything. */
import type { TextRange } from './instruction.ts';
import type { ReachedStage } from './reached-stage.ts';
import type { CopySource } from './select.ts';
import type { CopyOrigin, Mount, RemoteSource, Step } from './step.ts';

/** The sources of one COPY or ADD, or of one bind or cache mount. */
export interface FileNeed {
  readonly by: 'COPY' | 'ADD' | 'mount';
  readonly origin: CopyOrigin;
  readonly source: CopySource;
  readonly place: TextRange;
  /** Why its sources are not certain, in words: then more than them must be taken. */
  readonly undecided?: string;
}

/** What a stage needs, in the order of its steps. */
export interface StageNeeds {
  readonly files: readonly FileNeed[];
  readonly remotes: readonly { readonly remote: RemoteSource; readonly place: TextRange }[];
  /** Ids, each once. */
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  readonly caches: readonly string[];
  /** The first RUN; undefined where there is none. */
  readonly run?: TextRange;
}

/** What a stage needs. */
export function stageNeeds(stage: ReachedStage): StageNeeds {
  const mounts = stage.steps.flatMap((step) => (step.action.kind === 'run' ? step.action.mounts : []));
  const ids = (kind: 'secret' | 'ssh' | 'cache') => [
    ...new Set(mounts.flatMap((mount) => (mount.kind === kind ? [mount.id] : []))),
  ];
  const run = stage.steps.find((step) => step.action.kind === 'run')?.place;
  return {
    files: fileNeeds(stage),
    remotes: remoteNeeds(stage),
    secrets: ids('secret'),
    ssh: ids('ssh'),
    caches: ids('cache'),
    ...(run !== undefined && { run }),
  };
}

/** The files among a stage's needs. */
export function fileNeeds({ takers }: ReachedStage): readonly FileNeed[] {
  const files: FileNeed[] = [];
  for (const step of takers) files.push(...filesOf(step));
  return files;
}

/** What a stage fetches. */
export function remoteNeeds({ takers }: ReachedStage): StageNeeds['remotes'] {
  const remotes: StageNeeds['remotes'][number][] = [];
  for (const { action, place } of takers) {
    if (action.kind === 'add') for (const remote of action.remotes) remotes.push({ remote, place });
  }
  return remotes;
}

const knownFiles = new WeakMap<Step, readonly FileNeed[]>();

/** Legs share steps, and so the needs of each. */
function filesOf(step: Step): readonly FileNeed[] {
  const known = knownFiles.get(step) ?? readFiles(step);
  knownFiles.set(step, known);
  return known;
}

function readFiles(step: Step): readonly FileNeed[] {
  const { action, place } = step;
  const undecided = step.undecided === undefined ? {} : { undecided: step.undecided };
  if (action.kind === 'run') return action.mounts.flatMap((mount) => mountNeed(mount, place, undecided));
  if ((action.kind !== 'copy' && action.kind !== 'add') || action.sources.length === 0) return [];
  const { sources, parents, exclude, origin } = action;
  const source: CopySource = { sources, parents, exclude, kind: 'copy', place };
  return [{ by: action.kind === 'copy' ? 'COPY' : 'ADD', origin, source, place, ...undecided }];
}

function mountNeed(mount: Mount, place: TextRange, undecided: { undecided?: string }): readonly FileNeed[] {
  if (mount.kind !== 'bind' && (mount.kind !== 'cache' || mount.origin === undefined)) return [];
  const source = { sources: [mount.source ?? ''], parents: false, exclude: [], kind: 'mount', place } as const;
  return [{ by: 'mount', origin: mount.origin ?? { kind: 'context' }, source, place, ...undecided }];
}
