/** The jobs of a workflow, as lines: plan, legs, content, publish, gate. */

import { indented } from '../yaml-text.ts';
import type { Access, Stages } from './stages.ts';

/** Why a job that plans or moves tags needs the whole history. */
export const byCommits = 'the order of commits decides which tags may move';

/** `jobs:` and all below it. */
export function jobLines(stages: Stages, gateName: string): readonly string[] {
  const { content } = stages;
  const legs = Array.from({ length: stages.shards }, (_, place) => `legs-${place + 1}`);
  const jobs = [
    ['plan', planJob(stages)],
    ...legs.map((name, place) => [name, legsJob(stages, place + 1)] as const),
    ...(content === undefined ? [] : [['content', contentJob(stages, content, legs)] as const]),
    ['publish', publishJob(stages, [...legs, ...(content === undefined ? [] : ['content'])])],
    // Not content: what it does not get done, publish does, or fails.
    ['gate', gateJob(gateName, ['plan', ...legs, 'publish'], stages.runner)],
  ] as const;
  return ['jobs:', ...jobs.flatMap(([name, lines], place) => [...(place === 0 ? [] : ['']), ...jobOf(name, lines)])];
}

/** One job below `jobs:`. */
export function jobOf(name: string, lines: readonly string[]): readonly string[] {
  return indented(1, [`${name}:`, ...indented(1, lines)]);
}

/** The one check to require: it reports whatever happened, and fails where something did. */
export function gateJob(name: string, needs: readonly string[], runner: readonly string[]): readonly string[] {
  return [
    ...(name === 'gate' ? [] : [`name: ${name}`]),
    `needs: [${needs.join(', ')}]`,
    'if: ${{ always() }}',
    ...runner,
    'timeout-minutes: 5',
    'permissions: {}',
    'steps:',
    '  - name: Fail where a job failed or was cancelled',
    "    if: ${{ contains(needs.*.result, 'failure') || contains(needs.*.result, 'cancelled') }}",
    '    run: exit 1',
  ];
}

function planJob(stages: Stages): readonly string[] {
  const { access, asked, content, push, jobsMax, minutes, runner } = stages;
  const outputs = [
    ...['publish', 'dry-run', 'moment'],
    ...(content === undefined ? [] : ['content']),
    ...shardNames(stages),
  ];
  return [
    ...runner,
    `timeout-minutes: ${minutes.plan}`,
    permissions(access.plan, 'reads what is built and published'),
    'outputs:',
    ...outputs.map((name) => `  ${name}: \${{ steps.plan.outputs.${name} }}`),
    'steps:',
    ...indented(1, [
      ...stages.checkout(byCommits),
      ...actionStep(stages, 'plan', access.plan, [
        'mode: plan',
        `only: ${asked.only}`,
        `all: ${asked.all}`,
        `dry-run: ${asked.dryRun}`,
        `push: ${push}`,
        ...(jobsMax === undefined ? [] : [`jobs-max: ${jobsMax}`]),
        ...(content === undefined ? [] : [`content-jobs: ${content.jobs}`]),
      ]),
    ]),
  ];
}

function shardNames({ shards }: Stages): readonly string[] {
  return Array.from({ length: shards }, (_, place) => `matrix-${place + 1}`);
}

function legsJob(stages: Stages, shard: number): readonly string[] {
  const { access } = stages;
  return [
    'name: ${{ matrix.job }}',
    'needs: plan',
    `if: \${{ needs.plan.outputs.matrix-${shard} != '' }}`,
    `strategy: { fail-fast: false, matrix: "\${{ fromJSON(needs.plan.outputs.matrix-${shard}) }}" } # each target stands alone`,
    'runs-on: ${{ fromJSON(matrix.runs-on) }}',
    'timeout-minutes: ${{ matrix.minutes }}',
    permissions(access.legs, 'pushes content, no tags'),
    ...(shard === 1 ? legsSteps(stages) : ['steps: *legs']),
  ];
}

/** The jobs of all matrices take the same; the first has them written out, under a name where there are others. */
function legsSteps(stages: Stages): readonly string[] {
  const { access, asked, legs, shards } = stages;
  return [
    shards === 1 ? 'steps:' : 'steps: &legs',
    ...indented(1, [
      ...stages.checkout(legs.history, legs.depth),
      ...actionStep(stages, undefined, access.legs, [
        'mode: leg',
        'legs: ${{ matrix.legs }}',
        'moment: ${{ needs.plan.outputs.moment }}',
        `all: ${asked.all}`,
        ...legs.inputs,
      ]),
      ...(legs.env.length === 0 ? [] : ['  env:', ...indented(2, legs.env)]),
    ]),
  ];
}

function contentJob(
  stages: Stages,
  { environment }: NonNullable<Stages['content']>,
  legs: readonly string[],
): readonly string[] {
  const { access, asked, minutes, runner } = stages;
  return [
    'name: content ${{ matrix.shard }}',
    `needs: [${['plan', ...legs].join(', ')}]`,
    '# Where a leg failed, too: what is built is copied. What these jobs do not get done, publish does.',
    "if: ${{ !cancelled() && needs.plan.result == 'success' && needs.plan.outputs.content != '' }}",
    'continue-on-error: true',
    'strategy: { fail-fast: false, matrix: "${{ fromJSON(needs.plan.outputs.content) }}" }',
    ...runner,
    `timeout-minutes: ${minutes.publish}`,
    ...(environment === undefined ? [] : [`environment: ${environment}`]),
    permissions(access.content, 'copies content, no tags'),
    'steps:',
    ...indented(1, [
      ...stages.checkout(),
      ...actionStep(
        stages,
        undefined,
        access.content,
        [
          'mode: content',
          'shard: ${{ matrix.shard }}',
          'moment: ${{ needs.plan.outputs.moment }}',
          `only: ${asked.only}`,
        ],
        '&release',
      ),
    ]),
  ];
}

function publishJob(stages: Stages, legs: readonly string[]): readonly string[] {
  const { access, asked, content, environment, minutes, publishes = [], publishGroup, runner } = stages;
  return [
    `needs: [${['plan', ...legs].join(', ')}]`,
    '# Where a leg failed, too: a target that is complete does not wait for another.',
    "if: ${{ !cancelled() && needs.plan.result == 'success' && needs.plan.outputs.publish == 'true' }}",
    ...runner,
    `timeout-minutes: ${minutes.publish}`,
    ...(environment === undefined ? [] : [`environment: ${environment}`]),
    '# Tags have one writer at a time; up to a hundred wait, and none is dropped for a newer one.',
    `concurrency: { group: ${publishGroup}, queue: max, cancel-in-progress: false }`,
    permissions(access.publish, 'copies what is missing, then moves tags'),
    ...(publishes.length === 0
      ? []
      : ['outputs:', ...publishes.map((name) => `  ${name}: \${{ steps.publish.outputs.${name} }}`)]),
    'steps:',
    ...indented(1, [
      ...stages.checkout(byCommits),
      ...actionStep(
        stages,
        publishes.length === 0 ? undefined : 'publish',
        access.publish,
        [
          'mode: publish',
          'moment: ${{ needs.plan.outputs.moment }}',
          `only: ${asked.only}`,
          'dry-run: ${{ needs.plan.outputs.dry-run }}',
          `take-tags: ${asked.takeTags}`,
        ],
        content === undefined ? undefined : '*release',
      ),
    ]),
  ];
}

/** All jobs check the repository out. */
function permissions({ packages }: Access, why: string): string {
  return packages === undefined
    ? 'permissions: { contents: read }'
    : `permissions: { contents: read, packages: ${packages} } # ${why}`;
}

/** The action with what it is given; `id` where its outputs are read, `anchor` where its credentials are named for another job, or named by one. */
function actionStep(
  { action, common }: Stages,
  id: string | undefined,
  { credentials }: Access,
  inputs: readonly string[],
  anchor?: string,
): readonly string[] {
  const [first, ...rest] = [
    ...(id === undefined ? [] : [`id: ${id}`]),
    action,
    'with:',
    ...indented(1, [...inputs, ...common]),
    ...indented(1, credentialLines(credentials, anchor)),
  ];
  return [`- ${first}`, ...indented(1, rest)];
}

/** A line for each registry; more than one are written once. */
function credentialLines(credentials: readonly string[], anchor?: string): readonly string[] {
  const [first, ...others] = credentials;
  if (first === undefined) return [];
  if (others.length === 0) return [`credentials: ${first}`];
  if (anchor?.startsWith('*')) return [`credentials: ${anchor}`];
  return [`credentials: ${anchor === undefined ? '' : `${anchor} `}|`, ...indented(1, credentials)];
}
