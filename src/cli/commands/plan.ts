/** `fanfold plan`: what would be built, reused and published, and why. */
import { describePlan } from '../../report/texts.ts';
import { defineCommand, option } from '../command.ts';
import { planData } from '../outcome-data.ts';
import { keyOptions, openProject, planProject, projectOptions } from '../project.ts';

export const command = defineCommand({
  name: 'plan',
  summary: 'Show what would be built, reused and published, and why',
  examples: ['fanfold plan', 'fanfold plan --only api --json'],
  options: { ...projectOptions, ...keyOptions, all: option.boolean('as if every leg were to be built') },
  printsData: true,
  run: async (call) => planProject(await openProject(call), call, { all: call.options.all }),
  text: describePlan,
  data: planData,
  status: (plan) => (plan.unkeyed.length === 0 ? 0 : 1),
});
