/** Dockerfiles of a family, each read and parsed once. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { type ParsedDockerfile, parseDockerfile } from '../dockerfile/parse.ts';
import type { Target } from '../project/model.ts';
import { type FamilySource, sourcePath } from './family-source.ts';
import { readDecisiveText } from './read-text.ts';

/** A Dockerfile's text, and what it says. */
export interface ReadDockerfile extends ParsedDockerfile {
  readonly text: string;
}

/** Reads a target's Dockerfile. @throws FanfoldError `inputs.missing`, `inputs.untracked` where it is not there, or not committed */
export type DockerfileReader = (target: Target, cancel: Cancel) => Promise<ReadDockerfile>;

/** A reader for one run. */
export function createDockerfileReader(source: FamilySource): DockerfileReader {
  const known = new Map<string, Promise<ReadDockerfile>>();
  return (target, cancel) => {
    const path = sourcePath(source, target.dockerfile);
    const read = known.get(path);
    if (read !== undefined) return read;
    assertThere(path, target, source);
    const made = readOne(path, target, source, cancel);
    known.set(path, made);
    return made;
  };
}

async function readOne(path: string, target: Target, source: FamilySource, cancel: Cancel): Promise<ReadDockerfile> {
  const text = await readDecisiveText(source.tree, path, cancel);
  return { text, ...parseDockerfile(text, target.dockerfile) };
}

function assertThere(path: string, target: Target, source: FamilySource): void {
  if (source.tree.find(path) !== undefined) return;
  const isThere = source.uncommitted?.find(path) !== undefined;
  throw new FanfoldError(
    isThere ? 'inputs.untracked' : 'inputs.missing',
    `the Dockerfile of ${target.name}, ${target.dockerfile}, is not ${isThere ? 'committed' : 'there'}`,
    {
      place: { ...target.place, target: target.name },
      hint: isThere ? 'commit it, or key files as they stand on disk with --worktree' : 'correct `dockerfile`',
    },
  );
}
