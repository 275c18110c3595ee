/** `fanfold publish`: make the destinations what the plan says, from staging alone. */

import { openProject, planProject } from '../../call/project.ts';
import { describeEvent } from '../../report/lines.ts';
import { describeOutcome, describePlannedChanges } from '../../report/texts.ts';
import { type RunOutcome, succeeded } from '../../run/events.ts';
import { defineCommand, option } from '../command.ts';
import { keyOptions, projectOptions } from '../options.ts';
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
    'A registry that missed something is healed.',
  examples: ['fanfold publish --dry-run', 'fanfold publish --only api'],
  options: { ...projectOptions, ...keyOptions, dryRun: option.boolean('print the difference and change nothing', 'n') },
  printsData: true,
  run: async (call): Promise<Published> => {
    const project = await openProject(call);
    const plan = await planProject(project, call);
    const { publishPlan } = await import('../../run/publish.ts');
    const { dryRun } = call.options;
    const on = (event: Parameters<typeof describeEvent>[0]): void =>
      describeEvent(event, call.output.style).forEach(call.output.note);
    return {
      outcome: await publishPlan(plan, { open: project.open, dryRun, on: dryRun ? () => undefined : on }, call),
      dryRun,
    };
  },
  text: ({ outcome, dryRun }, style) =>
    dryRun ? describePlannedChanges(outcome, style) : describeOutcome(outcome, style),
  data: ({ outcome }) => outcomeData(outcome),
  status: ({ outcome }) => (succeeded(outcome) ? 0 : 1),
});
