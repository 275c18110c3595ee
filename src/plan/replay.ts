/** A replay: for each commit of a line, how many legs of the family as it is now the paths that it changed reach. */
import type { Tree } from '../source/dockerfile/tree.ts';
import type { CommitPaths } from '../source/git/commit-paths.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { type FamilyPlace, pathIndex } from './explain-path.ts';

/** What a commit reaches. */
export interface ReplayedCommit {
  readonly commit: string;
  readonly paths: number;
  /** Names of the legs that its paths reach, in the order of the family. */
  readonly legs: readonly string[];
  /** Whether it changed the configuration, or a file that targets are read from: what that says of a leg counts besides. */
  readonly isConfiguration: boolean;
  /** Paths that are not there any more: what they reached is not known. */
  readonly gone: number;
}

/** A replay of many commits, with what they come to. */
export interface Replay {
  readonly since: string;
  readonly commits: readonly ReplayedCommit[];
  readonly legs: number;
  readonly summary: ReplaySummary;
}

/** Counts of commits, and of the legs that they reach. */
export interface ReplaySummary {
  readonly commits: number;
  readonly medianLegs: number;
  readonly meanLegs: number;
  readonly reachNone: number;
  readonly reachAll: number;
  readonly configuration: number;
  /** Legs over all commits, against building all legs for each. */
  readonly legsOfAll: number;
  readonly legsIfAllWereBuilt: number;
}

/** Replays commits on keyed legs; `now` is the whole repository's tree. Nothing is asked of Git. */
export function replay(
  commits: readonly CommitPaths[],
  legs: readonly KeyedLeg[],
  place: FamilyPlace,
  now: Pick<Tree, 'find'>,
): Pick<Replay, 'commits' | 'legs' | 'summary'> {
  const index = pathIndex(legs, place);
  const legsOf = (path: string): readonly string[] => {
    const isSubmodule = now.find(path)?.kind === 'submodule';
    return [...(isSubmodule ? index.legsUnder(path) : index.legsOf(path))];
  };
  const names = legs.map(({ leg }) => leg.name);
  const replayed = commits.map(({ commit, paths }): ReplayedCommit => {
    const reached = new Set(paths.flatMap(legsOf));
    return {
      commit,
      paths: paths.length,
      legs: names.filter((name) => reached.has(name)),
      isConfiguration: paths.some(index.isConfiguration),
      gone: paths.filter((path) => now.find(path) === undefined).length,
    };
  });
  return { commits: replayed, legs: legs.length, summary: summaryOf(replayed, legs.length) };
}

function summaryOf(commits: readonly ReplayedCommit[], legs: number): ReplaySummary {
  const counts = commits.map((one) => one.legs.length).sort((a, b) => a - b);
  const sum = counts.reduce((all, count) => all + count, 0);
  return {
    commits: counts.length,
    medianLegs: counts[Math.floor((counts.length - 1) / 2)] ?? 0,
    meanLegs: counts.length === 0 ? 0 : Math.round((sum / counts.length) * 10) / 10,
    reachNone: counts.filter((count) => count === 0).length,
    reachAll: counts.filter((count) => count === legs && legs > 0).length,
    configuration: commits.filter(({ isConfiguration }) => isConfiguration).length,
    legsOfAll: sum,
    legsIfAllWereBuilt: counts.length * legs,
  };
}
