/** `fanfold check`: is the configuration right, may this machine do what it asks for, and does every file reach a leg. */

import { openAll } from '../../call/open.ts';
import { keyProject, openProject, type Project, treeOf } from '../../call/project.ts';
import type { ComparedFile } from '../../ci/committed.ts';
import { formatLocation, type Location } from '../../content/oci/reference.ts';
import type { Access } from '../../publish/access.ts';
import { printable, printableLine, type Style } from '../../report/style.ts';
import { formatTable } from '../../report/table.ts';
import type { Coverage } from '../../source/inputs/coverage.ts';
import { defineCommand, option } from '../command.ts';
import { keyOptions, projectOptions } from '../options.ts';

interface Checked {
  readonly file: string;
  readonly targets: number;
  readonly legs: number;
  readonly access: readonly Access[];
  /** Where it was asked for. */
  readonly coverage?: CheckedCoverage;
  /** Where it was asked for. */
  readonly workflow?: ComparedFile;
}

interface CheckedCoverage extends Coverage {
  /** Targets of which more than the exact files count, with why. */
  readonly undecided: readonly string[];
}

export const command = defineCommand({
  name: 'check',
  summary:
    'Check the configuration; with --destinations, what may be written where; with --coverage, which files reach no leg; with --workflow, whether the committed workflow is up to date',
  details:
    'Every mistake is reported at once, with its place. --destinations asks each repository, staging included: does it exist, can it be written ' +
    '(a canary, one small blob, is pushed), is it public; and says what to do. --coverage lists the files that reach no leg and that no glob of `ignore` matches: a change of one builds nothing. --workflow prints what `fanfold generate github` would change.',
  examples: ['fanfold check', 'fanfold check --destinations', 'fanfold check --coverage', 'fanfold check --workflow'],
  options: {
    ...projectOptions,
    ...keyOptions,
    destinations: option.boolean('ask every destination and staging, too'),
    workflow: option.boolean(
      'compare the committed workflow with the configuration; status 1 where they have drifted apart',
    ),
    coverage: option.boolean('list the files that reach no leg; status 1 where there are any'),
  },
  printsData: true,
  run: async (call): Promise<Checked> => {
    const project = await openProject(call);
    const { family } = project;
    const legs = family.targets.reduce((sum, { platforms }) => sum + platforms.length, 0);
    const locations = family.targets.flatMap(({ destinations, staging }) => [
      staging,
      ...destinations.map(({ location }) => location),
    ]);
    const access = call.options.destinations ? await probeAll(locations, call) : [];
    const coverage = call.options.coverage ? { coverage: await coverageOf(project, call) } : {};
    const workflow = call.options.workflow ? { workflow: await workflowOf(call) } : {};
    return { file: family.file, targets: family.targets.length, legs, access, ...coverage, ...workflow };
  },
  text: ({ file, targets, legs, access, coverage, workflow }, style) => {
    const rows = access.map((one) => [
      one.problems.length === 0 ? style.green('ok') : style.red('no'),
      formatLocation(one.location),
      `exists: ${one.exists}`,
      `writable: ${one.writable ? 'yes' : 'no'}`,
      `public: ${one.readableByAll}`,
    ]);
    const problems = access.flatMap((one) => one.problems.map((problem) => `${style.red('wrong')}  ${problem}`));
    return [
      `${file}: ${targets} targets, ${legs} legs`,
      ...(rows.length === 0 ? [] : [formatTable(rows)]),
      ...problems,
      ...(coverage === undefined ? [] : coverageText(coverage, style)),
      ...(workflow === undefined ? [] : workflowText(workflow, style)),
    ].join('\n');
  },
  data: (result) => ({
    ...result,
    access: result.access.map((one) => ({ ...one, location: formatLocation(one.location) })),
  }),
  status: ({ access, coverage, workflow }) =>
    access.every(({ problems }) => problems.length === 0) &&
    (coverage?.unreached.length ?? 0) === 0 &&
    workflow?.drift === undefined
      ? 0
      : 1,
});

/** Images are left as written: which files are taken is asked of no network. */
async function coverageOf(project: Project, call: Parameters<typeof command.run>[0]): Promise<CheckedCoverage> {
  const { coverageOf: compare } = await import('../../source/inputs/coverage.ts');
  const { keyed, unkeyed } = await keyProject(project, call, { bases: 'as-written' });
  // Without all legs' files, every file of those that fail would be told.
  if (unkeyed[0] !== undefined) throw unkeyed[0].error;
  const tree = treeOf(project.family, call.options);
  const coverage = await compare(project.family, keyed, { tree }, call.host, { signal: call.signal });
  const undecided = keyed.flatMap(({ leg, inputs }) => inputs.undecided.map((why) => `${leg.target.name}: ${why}`));
  return { ...coverage, undecided: [...new Set(undecided)] };
}

function coverageText({ unreached, reached, ignored, undecided }: CheckedCoverage, style: Style): readonly string[] {
  const hint =
    'say where they matter (`inputs` of a target, `shared`), or that they do not (`ignore`); a copy that takes them makes them count, too';
  return [
    ...undecided.map((why) => `${style.yellow('undecided')}  ${printableLine(why)}`),
    ...unreached.map((path) => `${style.red('unreached')}  ${printableLine(path)}`),
    `${reached} files reach legs, ${unreached.length} reach none, ${ignored} are ignored`,
    ...(unreached.length === 0 ? [] : [`hint: ${hint}`]),
  ];
}

/** Of the whole family, whatever is selected: the workflow is one for all. */
async function workflowOf(call: Parameters<typeof command.run>[0]): Promise<ComparedFile> {
  const { compareGenerated } = await import('../generated-file.ts');
  const { loadWhole } = await import('../whole-family.ts');
  return await compareGenerated(await loadWhole(call.options.file, call), 'github', call);
}

function workflowText({ path, drift }: ComparedFile, style: Style): readonly string[] {
  if (drift === undefined) return [`${path} is as fanfold.yaml says`];
  return [
    `${style.red('drifted')}  ${path}`,
    ...drift.split('\n').map(printable),
    'hint: run fanfold generate github, and commit what it writes',
  ];
}

async function probeAll(
  locations: readonly Location[],
  { host, signal }: Parameters<typeof command.run>[0],
): Promise<readonly Access[]> {
  const { probeAccess } = await import('../../publish/access.ts');
  // No file below /dev/null: no configuration, hence no credentials.
  const stores = {
    open: await openAll(host),
    openAnonymously: await openAll({ ...host, env: { DOCKER_CONFIG: '/dev/null' } }),
  };
  const once = [...new Map(locations.map((location) => [formatLocation(location), location])).values()];
  const found = [];
  for (const location of once) found.push(await probeAccess(location, stores, { signal }));
  return found;
}
