/** `fanfold publish`: make the destinations what the plan says, from staging alone. */

import { publishProject } from '../../call/publishing.ts';
import { describeEvent } from '../../report/lines.ts';
import { describeOutcome, describePlannedChanges } from '../../report/texts.ts';
import { type RunOutcome, succeeded } from '../../run/events.ts';
import { defineCommand, option } from '../command.ts';
import { keyOptions, projectOptions, takeTagsOption } from '../options.ts';
import { outcomeData } from '../outcome-data.ts';

interface Published {
  readonly outcome: RunOutcome;
  readonly dryRun: boolean;
}

export const command = defineCommand({
  name: 'publish',
  summary: 'Make the destinations what the plan says, from staging alone',
  details:
    'Content first, then indexes, then tags; nothing that is right is written again. No leg is built: a target that lacks one fails, and the others go on. ' +
    'A registry that missed something is healed. A tag that a newer commit or version took stays with it.',
  examples: ['fanfold publish --dry-run', 'fanfold publish --only api'],
  options: {
    ...projectOptions,
    ...keyOptions,
    dryRun: option.boolean('print the difference and change nothing', 'n'),
    takeTags: takeTagsOption,
  },
  printsData: true,
  run: async (call): Promise<Published> => {
    const { outcome } = await publishProject(call, (event) =>
      describeEvent(event, call.output.style).forEach(call.output.note),
    );
    return { outcome, dryRun: call.options.dryRun };
  },
  text: ({ outcome, dryRun }, style) =>
    dryRun ? describePlannedChanges(outcome, style) : describeOutcome(outcome, style),
  data: ({ outcome }) => outcomeData(outcome),
  status: ({ outcome }) => (succeeded(outcome) ? 0 : 1),
});
