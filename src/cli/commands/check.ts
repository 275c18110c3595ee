/** `fanfold check`: is the configuration right, and may this machine do what it asks for. */
import { formatLocation, type Location } from '../../content/oci/reference.ts';
import type { Access } from '../../publish/access.ts';
import { formatTable } from '../../report/table.ts';
import { defineCommand, option } from '../command.ts';
import { openAll } from '../open.ts';
import { openProject, projectOptions } from '../project.ts';

interface Checked {
  readonly file: string;
  readonly targets: number;
  readonly legs: number;
  readonly access: readonly Access[];
}

export const command = defineCommand({
  name: 'check',
  summary: 'Check the configuration and, with --destinations, what may be written where',
  details:
    'Every mistake is reported at once, with its place. --destinations asks each repository, staging included: does it exist, can it be written ' +
    '(a canary, one small blob, is pushed), is it public; and says what to do.',
  examples: ['fanfold check', 'fanfold check --destinations'],
  options: { ...projectOptions, destinations: option.boolean('ask every destination and staging, too') },
  printsData: true,
  run: async (call): Promise<Checked> => {
    const { family } = await openProject(call);
    const legs = family.targets.reduce((sum, { platforms }) => sum + platforms.length, 0);
    const locations = family.targets.flatMap(({ destinations, staging }) => [
      staging,
      ...destinations.map(({ location }) => location),
    ]);
    const access = call.options.destinations ? await probeAll(locations, call) : [];
    return { file: family.file, targets: family.targets.length, legs, access };
  },
  text: ({ file, targets, legs, access }, style) => {
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
    ].join('\n');
  },
  data: (result) => ({
    ...result,
    access: result.access.map((one) => ({ ...one, location: formatLocation(one.location) })),
  }),
  status: ({ access }) => (access.every(({ problems }) => problems.length === 0) ? 0 : 1),
});

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
