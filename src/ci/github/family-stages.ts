/** The stages of one family's own workflow: every text is settled when it is written, but what an event brings. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { maxMatrixJobs } from '../../runners/limits.ts';
import type { GithubSetting } from '../../source/project/github-setting.ts';
import type { Family } from '../../source/project/model.ts';
import { literal, scalar } from '../yaml-text.ts';
import { dispatched } from './events.ts';
import { byCommits } from './jobs.ts';
import { accessOf } from './logins.ts';
import { checkoutStep, uses } from './pins.ts';
import { runnerLines } from './runner-lines.ts';
import type { Stages } from './stages.ts';

/** The stages; what is missing goes to `diagnostics`. */
export function familyStages(
  family: Family,
  github: GithubSetting,
  standing: { readonly file: string; readonly action?: string },
  diagnostics: Diagnostic[],
): Stages {
  const action = github.action ?? standing.action;
  if (action === undefined) diagnostics.push(noAction(github));
  return {
    checkout: checkoutStep,
    action: uses(action ?? './'),
    common: standing.file === 'fanfold.yaml' ? [] : [`file: ${literal(standing.file)}`],
    asked: dispatched,
    push: mayPublish,
    runner: runnerLines(github.runner),
    minutes: { plan: String(github.minutes.plan), publish: String(github.minutes.publish) },
    shards: shardCount(family, github),
    ...(github.jobsMax === undefined ? {} : { jobsMax: String(github.jobsMax) }),
    access: accessOf(family, github, diagnostics),
    legs: {
      ...(github.publish === 'leg' ? { history: byCommits } : {}),
      inputs: [
        ...(github.pullRequest === 'build' ? ["push: ${{ github.event_name != 'pull_request' }}"] : []),
        ...(github.legs === 'staging' ? ["staging-only: 'true'"] : []),
        ...(github.publish === 'leg' ? ['publish: ${{ needs.plan.outputs.publish }}'] : []),
      ],
      env: Object.entries(github.secrets).map(([variable, secret]) => `${scalar(variable)}: \${{ secrets.${secret} }}`),
    },
    ...contentOf(github),
    ...(github.environment === undefined ? {} : { environment: literal(github.environment) }),
    publishGroup: literal(`fanfold-publish-${standing.file}`),
  };
}

/** Jobs that copy, where legs do not. */
function contentOf(github: GithubSetting): Pick<Stages, 'content'> {
  const { legs, contentJobs, environment, contentEnvironment = environment } = github;
  if (legs !== 'staging' || contentJobs === 0) return {};
  const named = contentEnvironment === undefined ? {} : { environment: literal(contentEnvironment) };
  return { content: { jobs: String(contentJobs), ...named } };
}

/** What pull requests and merge queues try is not published. */
export const mayPublish = "${{ github.event_name != 'pull_request' && github.event_name != 'merge_group' }}";

/** As many matrices as the family needs where every leg has a job of its own. */
function shardCount({ targets }: Family, { jobsMax = Number.POSITIVE_INFINITY }: GithubSetting): number {
  const legs = targets.reduce((sum, { platforms }) => sum + platforms.length, 0);
  return Math.max(1, Math.ceil(Math.min(legs, jobsMax) / maxMatrixJobs));
}

function noAction({ place }: GithubSetting): Diagnostic {
  return {
    code: 'config.missing',
    severity: 'error',
    message: 'this command was built from source, and no released action belongs to it',
    place,
    hint: 'say which one to use, by its commit: github: { action: "OWNER/fanfold@COMMIT # VERSION" }; or $/ in its own repository',
  };
}
