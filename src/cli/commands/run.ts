/** `fanfold run`: build what is not built, publish what is not published. */
import { runProject } from '../../call/running.ts';
import { describeOutcome, describePlan } from '../../report/texts.ts';
import { succeeded } from '../../run/events.ts';
import { defineCommand } from '../command.ts';
import { runOptions, summaryOption, takeTagsOption } from '../options.ts';
import { outcomeData, planData } from '../outcome-data.ts';
import { shown } from '../running.ts';
import { summarized } from '../summary.ts';

export const command = defineCommand({
  name: 'run',
  summary: 'Build what is not built, and publish what is not published',
  details:
    'Legs are built side by side; each target is published as soon as its own legs are there, and its tags move last. ' +
    'Run it again at any time: it does what is missing.',
  examples: ['fanfold run', 'fanfold run --only "api-*" --jobs 2', 'fanfold run --dry-run'],
  options: { ...runOptions, takeTags: takeTagsOption, summary: summaryOption },
  printsData: true,
  run: (call) =>
    shown(call, (show) =>
      summarized('fanfold run', call, show, (on) => runProject(call, { publish: true, stagingOnly: false, on })),
    ),
  text: (result, style) =>
    result.kind === 'plan' ? describePlan(result.plan, style) : describeOutcome(result.outcome, style),
  data: (result) => (result.kind === 'plan' ? planData(result.plan) : outcomeData(result.outcome)),
  status: (result) => (result.kind === 'plan' || succeeded(result.outcome) ? 0 : 1),
});
