/** `fanfold plan`: what would be built, reused and published, and why; or what a change affects. */
import type { Comparison } from '../../plan/changed.ts';
import type { Plan } from '../../plan/plan.ts';
import { describeComparison } from '../../report/comparison.ts';
import { describePlan } from '../../report/texts.ts';
import { defineCommand, option } from '../command.ts';
import { comparisonData } from '../comparison-data.ts';
import { planData } from '../outcome-data.ts';
import { compareProject, keyOptions, openProject, planProject, projectOptions } from '../project.ts';

type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'comparison'; readonly comparison: Comparison };

export const command = defineCommand({
  name: 'plan',
  summary: 'Show what would be built, reused and published, and why',
  details:
    'Asks staging what is built and the destinations what stands there. With --since it asks nobody: both keys come from Git, and the legs ' +
    'whose key differs are those that the change affects. Bases are then left as written: a tag that moved is not seen.',
  examples: ['fanfold plan', 'fanfold plan --only api --json', 'fanfold plan --since origin/main'],
  options: {
    ...projectOptions,
    ...keyOptions,
    all: option.boolean('as if every leg were to be built'),
    since: option.string(
      'what changed since a revision, without the network; `REF...` is the commit where HEAD left REF',
      'REF',
    ),
  },
  printsData: true,
  run: async (call): Promise<Planned> => {
    const project = await openProject(call);
    const { since, all } = call.options;
    if (since !== undefined) return { kind: 'comparison', comparison: await compareProject(project, since, call) };
    return { kind: 'plan', plan: await planProject(project, call, { all }) };
  },
  text: (planned, style) =>
    planned.kind === 'plan' ? describePlan(planned.plan, style) : describeComparison(planned.comparison, style),
  data: (planned) => (planned.kind === 'plan' ? planData(planned.plan) : comparisonData(planned.comparison)),
  status: (planned) => {
    const { unkeyed } = planned.kind === 'plan' ? planned.plan : planned.comparison;
    return unkeyed.length === 0 ? 0 : 1;
  },
});
