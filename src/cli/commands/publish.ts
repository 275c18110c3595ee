/** `fanfold publish`: make the destinations what the plan says, from staging alone. */

import { FanfoldError } from '../../base/errors/error.ts';
import { copyProject } from '../../call/content.ts';
import { openProject } from '../../call/project.ts';
import { publishProject } from '../../call/publishing.ts';
import { describeContent, describeContentToCopy, describeCopied } from '../../report/content.ts';
import { describeEvent } from '../../report/lines.ts';
import { describeOutcome, describePlannedChanges } from '../../report/texts.ts';
import { type ContentOutcome, isCopied } from '../../run/content.ts';
import { type RunOutcome, succeeded } from '../../run/events.ts';
import { defineCommand, option } from '../command.ts';
import { keyOptions, projectOptions, takeTagsOption } from '../options.ts';
import { contentData, outcomeData } from '../outcome-data.ts';

type Published =
  | { readonly kind: 'outcome'; readonly outcome: RunOutcome; readonly dryRun: boolean }
  | { readonly kind: 'content'; readonly outcome: ContentOutcome; readonly dryRun: boolean };

export const command = defineCommand({
  name: 'publish',
  summary: 'Make the destinations what the plan says, from staging alone',
  details:
    'Content first, then indexes, then tags; nothing that is right is written again. No leg is built: a target that lacks one fails, and the others go on. ' +
    'A registry that missed something is healed. A tag that a newer commit or version took stays with it. With --content-only legs that are built are copied, ' +
    'and nothing else is done: many such calls may run at once, each with a share of the targets, before one publishes.',
  examples: ['fanfold publish --dry-run', 'fanfold publish --only api', 'fanfold publish --content-only --shard 2/8'],
  options: {
    ...projectOptions,
    ...keyOptions,
    dryRun: option.boolean('print the difference and change nothing', 'n'),
    takeTags: takeTagsOption,
    contentOnly: option.boolean('copy what is built, and leave indexes and tags to a later publish'),
    shard: option.string('take this share of the targets alone, by their names (with --content-only)', 'N/OF'),
  },
  printsData: true,
  run: async (call): Promise<Published> => {
    const { contentOnly, dryRun, shard, takeTags } = call.options;
    if (shard !== undefined && !contentOnly) throw shareOfTags();
    if (contentOnly && takeTags)
      throw new FanfoldError('usage.invalid', '--content-only moves no tags, and --take-tags takes some');
    const { style, note } = call.output;
    if (contentOnly) {
      const { outcome } = await copyProject(call, (target) => describeCopied(target, style).forEach(note));
      return { kind: 'content', outcome, dryRun };
    }
    const { outcome } = await publishProject(await openProject(call), call, (event) =>
      describeEvent(event, style).forEach(note),
    );
    return { kind: 'outcome', outcome, dryRun };
  },
  text: (published, style) => {
    if (published.kind === 'content')
      return (published.dryRun ? describeContentToCopy : describeContent)(published.outcome, style);
    return (published.dryRun ? describePlannedChanges : describeOutcome)(published.outcome, style);
  },
  data: (published) => (published.kind === 'content' ? contentData(published.outcome) : outcomeData(published.outcome)),
  status: (published) => {
    const isDone = published.kind === 'content' ? isCopied(published.outcome) : succeeded(published.outcome);
    return isDone ? 0 : 1;
  },
});

function shareOfTags(): FanfoldError {
  return new FanfoldError('usage.invalid', 'indexes and tags are published by one call, for all targets', {
    hint: 'share out the content alone: --content-only --shard 2/8',
  });
}
