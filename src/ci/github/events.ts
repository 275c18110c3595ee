/** What starts a generated workflow: `on:` as lines. */
import type { GithubSetting } from '../../source/project/github-setting.ts';
import { flowList, indented, scalar } from '../yaml-text.ts';

type Events = Pick<GithubSetting, 'branches' | 'tags' | 'schedule' | 'pullRequest' | 'mergeQueue'>;

/** A push without branches and tags would be one of everything. */
export function eventLines({ branches, tags, schedule, pullRequest, mergeQueue }: Events): readonly string[] {
  const push = [
    branches.length > 0 && `branches: ${flowList(branches)}`,
    tags.length > 0 && `tags: ${flowList(tags)}`,
  ].filter((line) => line !== false);
  return [
    'on:',
    ...indented(1, [
      ...(push.length === 0 ? [] : ['push:', ...indented(1, push)]),
      pullRequest !== 'off' && 'pull_request:',
      mergeQueue && 'merge_group:',
      ...(schedule.length === 0 ? [] : ['schedule:', ...schedule.map((cron) => `  - cron: ${scalar(cron)}`)]),
      'workflow_dispatch:',
      '  inputs:',
      ...indented(2, dispatchInputs),
    ]),
  ];
}

const dispatchInputs = [
  'only: { description: "Targets to take alone, as globs with blanks between; all where it is empty", type: string }',
  'force: { description: "Build what is built already, too", type: boolean }',
  'dry-run: { description: "Say what would be done, and change nothing", type: boolean }',
  'take-tags: { description: "Move tags from newer commits and versions, too (to roll back)", type: boolean }',
];

/** What those inputs are to the jobs; empty in every other event. */
export const dispatched = {
  only: '${{ inputs.only }}',
  all: '${{ inputs.force }}',
  dryRun: '${{ inputs.dry-run }}',
  takeTags: '${{ inputs.take-tags }}',
};
