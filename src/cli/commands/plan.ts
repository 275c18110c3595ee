/** `fanfold plan`: what would be built, reused and published, and why; or what a change affects. */
import { FanfoldError } from '../../base/errors/error.ts';
import { giveOutputs, packPlan } from '../../call/packing.ts';
import { anewIn, compareProject, openProject, type ProjectPlan, planProject } from '../../call/project.ts';
import { replayProject } from '../../call/replay.ts';
import { createTagOrder, orderProject } from '../../call/tag-order.ts';
import type { Comparison } from '../../plan/changed.ts';
import type { Packing } from '../../plan/pack.ts';
import type { Plan } from '../../plan/planned.ts';
import type { Replay } from '../../plan/replay.ts';
import { describeComparison } from '../../report/comparison.ts';
import { describePacking } from '../../report/packing.ts';
import { describeReplay } from '../../report/replay.ts';
import { describePlan } from '../../report/texts.ts';
import { formatMoment } from '../../source/inputs/moment.ts';
import { defineCommand, option } from '../command.ts';
import { comparisonData } from '../comparison-data.ts';
import { keyOptions, packOptions, projectOptions } from '../options.ts';
import { planData } from '../outcome-data.ts';

type Planned =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | {
      readonly kind: 'packing';
      readonly plan: ProjectPlan;
      readonly packing: Packing;
      readonly format: string;
      /** GitLab: whether the pipeline has a job that publishes. */
      readonly publishes: boolean;
    }
  | { readonly kind: 'comparison'; readonly comparison: Comparison }
  | { readonly kind: 'replay'; readonly replay: Replay };

export const command = defineCommand({
  name: 'plan',
  summary: 'Show what would be built, reused and published, and why',
  details:
    'Asks staging what is built and the destinations what stands there. With --since it asks nobody: both keys come from Git, and the legs ' +
    'whose key differs are those that the change affects. Bases are then left as written: a tag that moved is not seen. --replay counts, for each commit since REF, the legs that the paths it changed reach in ' +
    'the family as it is now: what it would have built.',
  examples: [
    'fanfold plan',
    'fanfold plan --only api --json',
    'fanfold plan --since origin/main',
    'fanfold plan --replay HEAD~100',
    'fanfold plan --format github',
  ],
  options: {
    ...projectOptions,
    ...keyOptions,
    ...packOptions,
    all: option.boolean('as if every leg were to be built'),
    since: option.string(
      'what changed since a revision, without the network; `REF...` is the commit where HEAD left REF',
      'REF',
    ),
    replay: option.string('how many legs each commit since a revision reaches, without the network', 'REF'),
  },
  printsData: true,
  run: async (call): Promise<Planned> => {
    const { since, replay, all } = call.options;
    assertOneQuestion(call.options);
    const project = await openProject(call);
    if (replay !== undefined) return { kind: 'replay', replay: await replayProject(project, replay, call) };
    if (since !== undefined) return { kind: 'comparison', comparison: await compareProject(project, since, call) };
    const plan = await planProject(project, call, { anew: anewIn(all) });
    const { format, jobsMax } = call.options;
    if (format === undefined) {
      const order = await createTagOrder(project, false, call.host, call);
      return { kind: 'plan', plan: await orderProject(project, plan, order, call) };
    }
    const packing = await packPlan(plan, jobsMax, project, format === 'gitlab' ? 'gitlab' : 'github', call);
    if (format === 'github') await giveOutputs(packing, plan.moment, call);
    // What is printed there is read by the next command: people read the log.
    if (format === 'gitlab') call.output.note(describePlan(plan, call.output.style));
    const publishes = project.event.kind !== 'pull_request';
    return { kind: 'packing', plan, packing, format, publishes };
  },
  text: (planned, style) => {
    if (planned.kind === 'plan') return describePlan(planned.plan, style);
    if (planned.kind === 'replay') return describeReplay(planned.replay, style);
    if (planned.kind === 'comparison') return describeComparison(planned.comparison, style);
    return planned.format === 'json' || planned.format === 'gitlab'
      ? JSON.stringify(packingData(planned), null, 2)
      : describePacking(planned.packing, style);
  },
  data: (planned) => {
    if (planned.kind === 'plan') return planData(planned.plan);
    if (planned.kind === 'replay') return planned.replay;
    return planned.kind === 'comparison' ? comparisonData(planned.comparison) : packingData(planned);
  },
  status: (planned) => {
    if (planned.kind === 'replay') return 0;
    // The job that publishes fails for each target that has no key: this one lets the others through.
    if (planned.kind === 'packing' && planned.format === 'gitlab' && planned.publishes) return 0;
    const { unkeyed } = planned.kind === 'comparison' ? planned.comparison : planned.plan;
    return unkeyed.length === 0 ? 0 : 1;
  },
});

/** The packing, and the moment as another job takes it; for GitLab, what its child pipeline is made of. */
function packingData({ packing, plan, format, publishes }: Extract<Planned, { readonly kind: 'packing' }>): object {
  const moment = JSON.parse(formatMoment(plan.moment)) as unknown;
  return { ...packing, moment, ...(format === 'gitlab' ? { publishes } : {}) };
}

interface AskedOfPlan {
  readonly since: string | undefined;
  readonly replay: string | undefined;
  readonly all: boolean;
  readonly format: string | undefined;
}

/** What is asked of history has an answer of its own, which no other option changes. */
function assertOneQuestion({ since, replay, all, format }: AskedOfPlan): void {
  const history = [...(since === undefined ? [] : ['--since']), ...(replay === undefined ? [] : ['--replay'])];
  const [one, other] = [...history, ...(all ? ['--all'] : []), ...(format === undefined ? [] : ['--format'])];
  if (history.length === 0 || other === undefined) return;
  throw new FanfoldError('usage.invalid', `${one} and ${other} exclude each other`);
}
