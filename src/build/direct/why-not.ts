/** Why the direct builder cannot build a Dockerfile: each reason with its line. */
import { isDockersFrontend } from '../../source/dockerfile/frontend.ts';
import type { Dockerfile } from '../../source/dockerfile/instruction.ts';
import { stageNeeds } from '../../source/dockerfile/needs.ts';
import type { ReachedStage } from '../../source/dockerfile/stages.ts';
import type { NamedContext } from '../../source/project/model.ts';

/** One thing that only other builders do. */
export interface WhyNot {
  /** Of the Dockerfile, from 1. */
  readonly line: number;
  /** What stands there, as a clause: `RUN runs a program`. */
  readonly reason: string;
}

/** Everything in the reached stages that needs another builder; empty where the direct one will do. */
export function whyNotDirect(
  dockerfile: Dockerfile,
  stages: readonly ReachedStage[],
  contexts: Readonly<Record<string, NamedContext>> = {},
): readonly WhyNot[] {
  const frontend = dockerfile.directives.syntax;
  return [
    ...(frontend === undefined || isDockersFrontend(frontend)
      ? []
      : [{ line: 1, reason: `its frontend is ${frontend}` }]),
    ...stages.flatMap((stage) => whyNotStage(stage, contexts)),
  ];
}

function whyNotStage(stage: ReachedStage, contexts: Readonly<Record<string, NamedContext>>): readonly WhyNot[] {
  const runs = stage.steps
    .filter((step) => step.action.kind === 'run')
    .map((step) => ({ line: step.place.line, reason: 'RUN runs a program' }));
  const { remotes, files } = stageNeeds(stage);
  const fetched = remotes.map(({ remote, place }) => ({
    line: place.line,
    reason: remote.kind === 'git' ? `ADD fetches a Git repository, ${remote.url}` : `ADD fetches ${remote.url}`,
  }));
  const names = [
    ...(stage.base.kind === 'named' ? [{ name: stage.base.name, place: stage.place }] : []),
    ...files.flatMap(({ origin, place }) => (origin.kind === 'named' ? [{ name: origin.name, place }] : [])),
  ];
  const git = names
    .filter(({ name }) => contexts[name]?.kind === 'git')
    .map(({ name, place }) => ({ line: place.line, reason: `the context ${name} is a Git repository` }));
  const { os } = stage.platform;
  const system = os === 'windows' ? [{ line: stage.place.line, reason: 'its platform is Windows' }] : [];
  return [...system, ...runs, ...fetched, ...git].sort((a, b) => a.line - b.line);
}
