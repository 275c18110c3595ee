/** The reusable workflow: the same stages, with inputs where a family's own workflow has what fanfold.yaml says. */
import { defaultRunner } from '../../runners/catalog.ts';
import { defaultGithub } from '../../source/project/github-setting.ts';
import { indented } from '../yaml-text.ts';
import { mayPublish } from './family-stages.ts';
import { jobLines } from './jobs.ts';
import { checkoutStep, uses } from './pins.ts';
import type { Stages } from './stages.ts';

/** As many matrices as it has room for: 1,000 jobs. */
const shards = 4;

/** The action of the repository and commit that this workflow is from, whoever calls it (GitHub, 2026-07-30). */
const ownAction = '$/';

/** The text of .github/workflows/publish.yml. */
export function reusableWorkflow(): string {
  const lines = [...header, 'name: Publish', '', ...calls, '', ...settings, '', ...jobLines(stages(), 'gate')];
  return `${lines.join('\n')}\n`;
}

const header = [
  '# Made by `npx tsx scripts/workflows.ts`: the stages of `fanfold generate github`, for other repositories to call:',
  '#',
  '#     jobs:',
  '#       images:',
  '#         permissions: { contents: read, packages: write }',
  '#         uses: OWNER/fanfold/.github/workflows/publish.yml@COMMIT # VERSION',
  '#         secrets:',
  '#           credentials: |',
  '#             docker.io ${{ secrets.DOCKERHUB_USERNAME }} ${{ secrets.DOCKERHUB_TOKEN }}',
  '#',
  '# `github: { reusable: ... }` in fanfold.yaml writes such a caller. Who builds is then this file, which a caller cannot edit.',
];

const calls = [
  'on:',
  '  workflow_call:',
  '    inputs:',
  ...indented(3, [
    ...input('file', 'The configuration', 'string', 'fanfold.yaml'),
    ...input('only', 'Targets to take alone, as globs with blanks between; all where it is empty', 'string', "''"),
    ...input('force', 'Build what is built already, too', 'boolean', 'false'),
    ...input('dry-run', 'Say what would be done, and change nothing', 'boolean', 'false'),
    ...input(
      'take-tags',
      'Move tags from newer commits and versions, too (to roll back; after a forced push)',
      'boolean',
      'false',
    ),
    ...input('legs', 'push, or staging: legs hold no credential but staging’s', 'string', defaultGithub.legs),
    ...input(
      'content-jobs',
      'Jobs that copy content with legs: staging, at the most; none where it is 0',
      'number',
      String(defaultGithub.contentJobs),
    ),
    ...input(
      'content-environment',
      'The environment of those jobs; that of the publishing job where it is empty',
      'string',
      "''",
    ),
    ...input('publish', 'job, or leg: a target is published by its last leg', 'string', defaultGithub.publish),
    ...input(
      'pull-request',
      'stage (or separate, as fanfold.yaml has it), or build: leave nothing',
      'string',
      defaultGithub.pullRequest,
    ),
    ...input('environment', 'The environment of the publishing job', 'string', "''"),
    ...input('runner', 'What plan, content, publish and gate run on, as JSON', 'string', `'"${defaultRunner}"'`),
    ...input('jobs-max', 'Jobs that build, at the most; as many as it takes where it is 0', 'number', '0'),
    ...input('plan-minutes', 'How long the plan may take', 'number', String(defaultGithub.minutes.plan)),
    ...input('publish-minutes', 'How long the publication may take', 'number', String(defaultGithub.minutes.publish)),
  ]),
  '    secrets:',
  '      credentials:',
  '        description: "A line for each registry: HOST USERNAME PASSWORD. ghcr.io has the job’s own token."',
  '      staging-credentials:',
  '        description: "With `legs: staging`, the same for the plan and the legs, which get no others: what a commit brings runs in them"',
  '    outputs:',
  '      published:',
  '        description: "JSON: each target’s digest and tags"',
  '        value: ${{ jobs.publish.outputs.published }}',
];

function input(name: string, description: string, type: string, usual: string): readonly string[] {
  return [
    `${name}:`,
    `  description: ${description.includes(': ') ? JSON.stringify(description) : description}`,
    `  type: ${type}`,
    `  default: ${usual}`,
  ];
}

const settings = [
  '# Each job asks for what it needs; what it gets is no more than the caller’s job has.',
  'permissions: {}',
];

function stages(): Stages {
  const own = 'ghcr.io ${{ github.actor }} ${{ github.token }}';
  const all = [own, '${{ secrets.credentials }}'];
  // With `legs: staging` an empty set stays empty: what a commit brings runs in these jobs, and must find no other.
  const ofCommits = [own, "${{ inputs.legs != 'staging' && secrets.credentials || secrets.staging-credentials }}"];
  return {
    checkout: checkoutStep,
    action: uses(ownAction),
    common: ['file: ${{ inputs.file }}'],
    asked: {
      only: '${{ inputs.only }}',
      all: '${{ inputs.force }}',
      dryRun: '${{ inputs.dry-run }}',
      takeTags: '${{ inputs.take-tags }}',
    },
    push: mayPublish,
    runner: ['runs-on: ${{ fromJSON(inputs.runner) }}'],
    minutes: { plan: '${{ inputs.plan-minutes }}', publish: '${{ inputs.publish-minutes }}' },
    shards,
    jobsMax: "${{ inputs.jobs-max || '' }}",
    access: {
      plan: { credentials: ofCommits, packages: 'read' },
      legs: { credentials: ofCommits, packages: 'write' },
      content: { credentials: all, packages: 'write' },
      publish: { credentials: all, packages: 'write' },
    },
    legs: {
      history: 'all where legs publish: the order of commits decides which tags may move',
      depth: "${{ inputs.publish == 'leg' && '0' || '1' }}",
      inputs: [
        "push: ${{ inputs.pull-request != 'build' || github.event_name != 'pull_request' }}",
        "staging-only: ${{ inputs.legs == 'staging' }}",
        "publish: ${{ inputs.publish == 'leg' && needs.plan.outputs.publish == 'true' }}",
      ],
      env: [],
    },
    content: {
      jobs: "${{ inputs.legs == 'staging' && inputs.content-jobs || 0 }}",
      environment: '${{ inputs.content-environment || inputs.environment }}',
    },
    environment: '${{ inputs.environment }}',
    publishes: ['published'],
    publishGroup: '"fanfold-publish-${{ inputs.file }}"',
  };
}
