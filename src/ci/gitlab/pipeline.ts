/** The pipelines of a family on GitLab CI: the parent, which is committed, and the child that a plan is made into. Pure functions. */
import type { Packing } from '../../plan/pack.ts';
import { type GitlabSetting, gitlabSetting } from '../../source/project/gitlab-schema.ts';
import type { Family } from '../../source/project/model.ts';
import { commented, flowList, indented, scalar } from '../yaml-text.ts';

/** Where a family stands, and which Fanfold its jobs call. */
export interface GitlabStanding {
  /** fanfold.yaml, from the repository's top. */
  readonly file: string;
  readonly version: string;
}

/** What jobs leave for each other, from the repository's top; outside of it while files are keyed. */
const childFile = 'fanfold-child.yml';
const planFile = 'fanfold-plan.json';
/** What GitLab takes in a resource group's name (docs.gitlab.com, `resource_group`), less what a shell or a variable would be read by. */
const notOfGroups = /[^A-Za-z0-9._/-]+/g;
const outside = 'outside="$(mktemp -d)"';

/** The committed pipeline: plan, the child's legs, publish. The same family gives the same text. */
export function parentPipeline(family: Pick<Family, 'gitlab'>, standing: GitlabStanding): string {
  const gitlab = family.gitlab ?? gitlabSetting();
  const fanfold = callOf(gitlab, standing);
  const most = gitlab.jobsMax === undefined ? '' : ` --jobs-max ${gitlab.jobsMax}`;
  const lines = [
    `# Made by \`fanfold generate gitlab\` from ${commented(standing.file)}: change that, run the command again, commit both.`,
    '# `fanfold generate gitlab --check` fails where the two have drifted apart.',
    '#',
    '# plan works out which images are not built yet, and makes the pipeline of the jobs that build them: the legs.',
    '# publish makes the registries what the file says (content, then indexes, then tags) and finishes what an earlier run left.',
    'workflow:',
    '  rules:',
    '    - if: $CI_PIPELINE_SOURCE == "merge_request_event"',
    '    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH',
    '    - if: $CI_COMMIT_TAG',
    '',
    'stages: [plan, legs, publish]',
    '',
    ...jobOf('plan', gitlab, [
      'variables: { GIT_DEPTH: "0" }',
      'script:',
      '  # Outside of the repository: what is not committed must not be seen by a plan.',
      `  - ${scalar(outside)}`,
      `  - ${scalar(`${fanfold('plan')} --format gitlab${most} > "$outside/${planFile}"`)}`,
      `  - ${scalar(`${fanfold('generate gitlab')} --plan "$outside/${planFile}" > "$outside/${childFile}"`)}`,
      `  - ${scalar(`mv "$outside/${planFile}" "$outside/${childFile}" .`)}`,
      `artifacts: { paths: [${planFile}, ${childFile}], expire_in: 1 week }`,
      'timeout: 30 minutes',
    ]),
    '',
    'legs:',
    '  stage: legs',
    '  needs: [plan]',
    '  trigger:',
    '    include:',
    `      - { artifact: ${childFile}, job: plan }`,
    '    strategy: depend',
    '',
    ...jobOf('publish', gitlab, [
      'needs: [plan, legs]',
      'rules:',
      '  - { if: $CI_PIPELINE_SOURCE == "merge_request_event", when: never }',
      '  # Where a leg failed, too: a target that is complete does not wait for another.',
      '  - { when: always }',
      `resource_group: ${scalar(`fanfold-publish-${standing.file.replace(notOfGroups, '-')}`)}`,
      'variables: { GIT_DEPTH: "0" }',
      'script:',
      `  - ${scalar(outside)}`,
      `  - ${scalar(`mv ${planFile} ${childFile} "$outside"`)}`,
      `  - ${scalar(`${fanfold('publish')} --moment "$outside/${planFile}"`)}`,
      'timeout: 1 hour',
    ]),
  ];
  return `${lines.join('\n')}\n`;
}

/** What a child pipeline is made of. */
export interface PlannedJobs extends Pick<Packing, 'shards'> {
  readonly moment: string;
  /** Whether the pipeline publishes what it builds: that of a merge request does not. */
  readonly publishes: boolean;
}

/** The pipeline of a plan's jobs. It has always one: GitLab takes none that is empty. */
export function childPipeline(
  family: Pick<Family, 'gitlab'>,
  { shards, moment, publishes }: PlannedJobs,
  standing: GitlabStanding,
): string {
  const gitlab = family.gitlab ?? gitlabSetting();
  const build = publishes && gitlab.legs === 'push' ? 'build' : 'build --staging-only';
  const jobs = shards.flat();
  const fanfold = callOf(gitlab, standing);
  const lines = [
    '# Made by the plan of this run.',
    'stages: [legs]',
    '',
    'variables:',
    `  FANFOLD_MOMENT: { value: ${scalar(moment)}, expand: false }`,
    ...jobs.flatMap(({ name, legs, machine }) => [
      '',
      ...jobOf(name, { ...gitlab, tags: tagsOf(machine, gitlab) }, [
        'stage: legs',
        `variables: { FANFOLD_LEGS: { value: ${scalar(legs.join(' '))}, expand: false } }`,
        'script:',
        `  - ${scalar(outside)}`,
        `  - ${scalar('printf %s "$FANFOLD_LEGS" > "$outside/legs"')}`,
        `  - ${scalar(`${fanfold(build)} --legs "$outside/legs"`)}`,
        'timeout: 6 hours',
      ]),
    ]),
    ...(jobs.length > 0
      ? []
      : ['', ...jobOf('nothing', gitlab, ['stage: legs', 'variables: { GIT_STRATEGY: none }', 'script: ["true"]'])]),
  ];
  return `${lines.join('\n')}\n`;
}

function jobOf(name: string, { image, tags }: GitlabSetting, lines: readonly string[]): readonly string[] {
  const stage = lines.some((line) => line.startsWith('stage:')) ? [] : [`stage: ${name}`];
  return [
    `${name}:`,
    ...indented(1, [
      ...stage,
      `image: ${scalar(image)}`,
      ...(tags.length === 0 ? [] : [`tags: ${flowList(tags)}`]),
      ...lines,
    ]),
  ];
}

/** A call as a shell reads it: no text of the configuration is more than one word. */
function callOf({ command }: GitlabSetting, { file, version }: GitlabStanding): (name: string) => string {
  const words = command ?? ['npx', '--yes', `fanfold@${version}`];
  const own = file === 'fanfold.yaml' ? '' : ` --file ${quoted(`./${file}`)}`;
  return (name) => `${words.map(quoted).join(' ')} ${name}${own}`;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A machine that is a list was named in `gitlab.runners`; every other one is as good as any. */
function tagsOf(machine: string, { tags }: GitlabSetting): readonly string[] {
  const named = JSON.parse(machine) as unknown;
  return Array.isArray(named) ? (named as readonly string[]) : tags;
}
