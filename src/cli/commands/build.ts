/** `fanfold build`: legs into staging, no tag moved. */
import { describeOutcome, describePlan } from '../../report/texts.ts';
import { succeeded } from '../../run/events.ts';
import { defineCommand, option } from '../command.ts';
import { runOptions } from '../options.ts';
import { outcomeData, planData } from '../outcome-data.ts';
import { runShown } from '../running.ts';

export const command = defineCommand({
  name: 'build',
  summary: 'Build legs into staging, and move no tag',
  details:
    'Content goes to the destinations at the same time, without a tag, unless --staging-only is given; `fanfold publish` does the rest.',
  examples: ['fanfold build', 'fanfold build --only api --staging-only'],
  options: {
    ...runOptions,
    stagingOnly: option.boolean('send nothing to the destinations; needs no credentials for them'),
  },
  printsData: true,
  run: (call) => runShown(call, { publish: false, stagingOnly: call.options.stagingOnly }),
  text: (result, style) =>
    result.kind === 'plan' ? describePlan(result.plan, style) : describeOutcome(result.outcome, style),
  data: (result) => (result.kind === 'plan' ? planData(result.plan) : outcomeData(result.outcome)),
  status: (result) => (result.kind === 'plan' || succeeded(result.outcome) ? 0 : 1),
});
