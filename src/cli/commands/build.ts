/** `fanfold build`: legs into staging, no tag moved. */
import { resolve } from 'node:path';
import { legNames } from '../../call/legs.ts';
import type { ProjectCall } from '../../call/project.ts';
import { runLegs, runProject } from '../../call/running.ts';
import { describeOutcome, describePlan } from '../../report/texts.ts';
import { succeeded } from '../../run/events.ts';
import { defineCommand, option } from '../command.ts';
import { runOptions, summaryOption } from '../options.ts';
import { outcomeData, planData } from '../outcome-data.ts';
import { shown } from '../running.ts';
import { summarized } from '../summary.ts';

export const command = defineCommand({
  name: 'build',
  summary: 'Build legs into staging, and move no tag',
  details:
    'Content goes to the destinations at the same time, without a tag, unless --staging-only is given; `fanfold publish` does the rest.',
  examples: [
    'fanfold build',
    'fanfold build --only api --staging-only',
    'fanfold build --leg api@linux/arm64 --leg worker@linux/arm64',
  ],
  options: {
    ...runOptions,
    leg: option.strings('build exactly this leg, TARGET@PLATFORM; what it builds on is taken from staging', 'LEG'),
    legs: option.string('as --leg, for each name in a file, separated by white space', 'FILE'),
    summary: summaryOption,
    stagingOnly: option.boolean('send nothing to the destinations; needs no credentials for them'),
  },
  printsData: true,
  run: async (call) => {
    const { stagingOnly } = call.options;
    const legs = await namedLegs(call);
    return await shown(call, (show) =>
      summarized('fanfold build', call, show, (on) =>
        legs === undefined
          ? runProject(call, { publish: false, stagingOnly, on })
          : runLegs(call, legs, { stagingOnly, on }),
      ),
    );
  },
  text: (result, style) =>
    result.kind === 'plan' ? describePlan(result.plan, style) : describeOutcome(result.outcome, style),
  data: (result) => (result.kind === 'plan' ? planData(result.plan) : outcomeData(result.outcome)),
  status: (result) => (result.kind === 'plan' || succeeded(result.outcome) ? 0 : 1),
});

const maxLegsBytes = 1024 * 1024;

/** The legs that are asked for by name; undefined where none is. */
async function namedLegs({ options, host }: LegsCall): Promise<readonly string[] | undefined> {
  const { leg, legs: file } = options;
  if (file === undefined) return leg.length === 0 ? undefined : legNames(leg.join(' '));
  const text = await host.files.readText(resolve(host.cwd, file), maxLegsBytes);
  return legNames([...leg, text].join(' '));
}

type LegsCall = ProjectCall<{ readonly leg: readonly string[]; readonly legs: string | undefined }>;
