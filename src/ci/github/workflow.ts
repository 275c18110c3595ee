/** The workflow of a family: from what fanfold.yaml says to the text that is committed, a pure function. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { defaultGithub, type GithubSetting } from '../../source/project/github-setting.ts';
import type { Family } from '../../source/project/model.ts';
import type { CiFile } from '../committed.ts';
import { commented, literal, scalar } from '../yaml-text.ts';
import { calledJobs } from './called.ts';
import { eventLines } from './events.ts';
import { familyStages } from './family-stages.ts';
import { jobLines } from './jobs.ts';

/** Where a family stands, and what made the workflow. */
export interface Standing {
  /** fanfold.yaml, from the repository's top, `/` between its parts. */
  readonly file: string;
  /** Fanfold's action where the configuration names none: `OWNER/NAME@COMMIT # VERSION`. */
  readonly action?: string;
}

/** The workflow; what keeps it from working goes to `diagnostics`. The same family gives the same text. */
export function githubWorkflow(family: Family, standing: Standing, diagnostics: Diagnostic[]): CiFile {
  const github = family.github ?? { ...defaultGithub, place: { file: family.file } };
  const folder = standing.file.split('/').slice(0, -1).join('/');
  const name = github.name ?? (folder === '' ? 'Images' : `Images (${folder})`);
  const gate = literal(folder === '' ? 'gate' : `gate (${folder})`);
  diagnostics.push(...layoutsOf(family, github));
  const jobs =
    github.reusable === undefined
      ? jobLines(familyStages(family, github, standing, diagnostics), gate)
      : calledJobs(family, { ...github, reusable: github.reusable }, standing, { gate, diagnostics });
  const lines = [
    ...header(standing.file),
    `name: ${scalar(name.replaceAll('${{', '$ {{'))}`,
    '',
    ...eventLines(github),
    '',
    ...settings,
    '',
    ...jobs,
  ];
  return { path: github.workflow ?? workflowPath(folder), text: `${lines.join('\n')}\n` };
}

function header(file: string): readonly string[] {
  return [
    `# Made by \`fanfold generate github\` from ${commented(file)}: change that, run the command again, commit both.`,
    '# `fanfold check --workflow` fails where the two have drifted apart.',
    '#',
    '# plan works out which images are not built yet; legs-* build them, each platform on its own kind of machine, and push each byte once.',
    '# publish makes the registries what the file says (content, then indexes, then tags) and finishes what an earlier run left.',
    '# gate is the one check to require. A job that is run again does what is missing.',
  ];
}

const settings = [
  'permissions: {} # each job asks for what it needs',
  '',
  '# A newer commit of a pull request ends the run of an older one; no other run is ended.',
  'concurrency:',
  '  group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.run_id }}',
  "  cancel-in-progress: ${{ github.event_name == 'pull_request' }}",
];

/** One for each folder; two whose names only differ in what is no word are told apart by `github.workflow`. */
function workflowPath(folder: string): string {
  const name = ['fanfold', ...(folder === '' ? [] : [folder])].join('-').replace(/[^A-Za-z0-9._-]+/g, '-');
  return `.github/workflows/${name}.yml`;
}

/** A folder is on one machine: hosted jobs would each have one of their own. */
function layoutsOf({ targets }: Family, { runner, runners, place }: GithubSetting): readonly Diagnostic[] {
  const isOwn = runner !== undefined && runners['default'] !== undefined;
  const hasLayout = targets.some(
    ({ staging, destinations }) =>
      staging.kind === 'layout' || destinations.some(({ location }) => location.kind === 'layout'),
  );
  if (isOwn || !hasLayout) return [];
  const message = 'images go to a folder (oci:PATH), which the next job does not see';
  const hint =
    'name registries as destinations and staging; or runner and runners.default: machines that share the folder';
  return [{ code: 'config.invalid', severity: 'error', message, place, hint }];
}
