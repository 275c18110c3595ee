// Changes of the recorded family, each one commit on top of it: what people do to files, Dockerfiles, fanfold.yaml and base images.

import { dockerfileChanges, familyChanges, wholeContextChanges } from './recorded-changes-builds.ts';
import { type Change, editsOf } from './recorded-changes-edits.ts';
import { backendChanges, ignoreChanges, sharedChanges } from './recorded-changes-files.ts';
import type { Files } from './recorded-family.ts';

/** All changes of a family's files. */
export function recordedChanges(family: Files): readonly Change[] {
  const makers = [backendChanges, sharedChanges, ignoreChanges, dockerfileChanges, familyChanges, wholeContextChanges];
  const edits = editsOf(family);
  return [...makers.flatMap((make) => make(edits)), ...baseChanges];
}

const environment = { Env: ['PATH=/bin'] };

const baseChanges: readonly Change[] = [
  { name: "the backends' base gets other content", base: { repository: 'python', mark: 'moved' } },
  {
    name: "the backends' base gets a variable",
    base: { repository: 'python', config: { Env: ['PATH=/bin', 'NEW=1'] } },
  },
  {
    name: "the backends' base gets an ONBUILD that copies a file",
    base: { repository: 'python', config: { ...environment, OnBuild: ['COPY docs/tool.sh /onbuild'] } },
  },
  { name: 'the base that compiled parts run on moves', base: { repository: 'runtime', mark: 'moved' } },
  { name: 'the base that parts are compiled on moves', base: { repository: 'tools', mark: 'moved' } },
  { name: 'a base is pushed again as it was', base: { repository: 'python' } },
  { name: 'a base that nothing names moves', base: { repository: 'unused', mark: 'moved' } },
];
