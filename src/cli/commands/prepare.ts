/** `fanfold prepare`: room on a hosted runner's disk. */
import { FanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { dataFolders } from '../../build/data-folders.ts';
import { describePreparation } from '../../report/preparation.ts';
import { isHostedMachine } from '../../runners/hosted-machine.ts';
import type { Preparation } from '../../runners/prepare.ts';
import { diskSizeBytes } from '../../source/project/disk-size.ts';
import { type PreinstalledName, preinstalledNames } from '../../source/project/github-setting.ts';
import { defineCommand, option } from '../command.ts';

interface Prepared extends Preparation {
  readonly needBytes?: number;
  readonly dryRun: boolean;
}

export const command = defineCommand({
  name: 'prepare',
  summary: 'Make room on a GitHub-hosted runner’s disk',
  details:
    'Removes what hosted Ubuntu runners bring and images are not built with: as few folders as --need asks for, those first that free most in a second; ' +
    'all of them without it. The list is fixed, links are not followed, and nothing is removed on any other machine unless --self-hosted says so. ' +
    'Jobs of a generated workflow do this themselves where a leg needs it (disk: and github.prepare-disk in fanfold.yaml).',
  examples: [
    'fanfold prepare --need 40GB',
    'fanfold prepare --dry-run',
    'fanfold prepare --need 60GB --keep dotnet --json',
  ],
  options: {
    need: option.string('how much is to be free; all that can be removed is, where absent', 'SIZE'),
    keep: option.strings(`leave one: ${preinstalledNames.join(', ')}`, 'NAME'),
    dryRun: option.boolean('print what would be removed, and remove nothing', 'n'),
    selfHosted: option.boolean('remove on a machine that is not GitHub’s, too'),
  },
  printsData: true,
  run: async ({ options, host, signal }): Promise<Prepared> => {
    const { need, dryRun, selfHosted } = options;
    const needBytes = need === undefined ? undefined : sizeOf(need);
    const keep = options.keep.map(nameOf);
    if (!dryRun && !selfHosted && !(await isHostedMachine(host))) throw notHosted();
    const { prepareDisk } = await import('../../runners/prepare.ts');
    const [engine] = await dataFolders('buildx', host, { signal });
    const folder = engine !== undefined && (await host.disk.space(engine)) !== undefined ? engine : '/';
    const wanted = needBytes === undefined ? {} : { needBytes };
    const prepared = await prepareDisk({ root: '/', folder, keep, dryRun, ...wanted }, host, { signal });
    return { ...prepared, ...wanted, dryRun };
  },
  text: describePreparation,
  status: ({ freeBytes, needBytes = 0 }) => (freeBytes < needBytes ? 1 : 0),
});

function sizeOf(text: string): number {
  const bytes = diskSizeBytes(text);
  if (bytes !== undefined) return bytes;
  throw new FanfoldError('usage.invalid', `${JSON.stringify(text)} is no size of a disk`, {
    hint: 'write a number and its unit: 30GB, 20.5GiB',
  });
}

function nameOf(text: string): PreinstalledName {
  const name = preinstalledNames.find((one) => one === text);
  if (name !== undefined) return name;
  const near = nearestName(text.slice(0, 100), preinstalledNames);
  throw new FanfoldError('usage.invalid', `--keep ${text} names nothing that is removed`, {
    hint: near === undefined ? `names are ${preinstalledNames.join(', ')}` : `did you mean ${near}?`,
  });
}

function notHosted(): FanfoldError {
  return new FanfoldError('usage.invalid', 'this is no GitHub-hosted Ubuntu runner: nothing is removed here', {
    hint: 'see what would be with --dry-run; say --self-hosted on a machine that is nobody’s but this job’s',
  });
}
