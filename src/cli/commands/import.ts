/** `fanfold import`: a matrix, Bake or Compose file to a compact fanfold.yaml, proven to have equal legs. */
import { join, resolve } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import type { Host } from '../../base/host/host.ts';
import { type Call, defineCommand, type Options, option } from '../command.ts';

const differencesShown = 20;

interface ImportResult {
  readonly text: string;
  /** The file that was written. */
  readonly written?: string;
  readonly legs: number;
  readonly targets: number;
  readonly differences: readonly {
    readonly leg: string;
    readonly field: string;
    readonly before: string;
    readonly after: string;
  }[];
}

export const command = defineCommand({
  name: 'import',
  summary: 'Write a compact fanfold.yaml from a matrix, Bake or Compose file, and prove its legs equal',
  details: [
    'What entries share is factored out: defaults at the top, bases that are inherited, a matrix where targets differ in one text; comments stay with their entries. ' +
      'What is written is read again and compared leg by leg with what was read: a difference is printed, nothing is written, and the status is 1.',
    'A family that is read in place already (sources: in fanfold.yaml) needs no option: its sources become targets. Else a file is named, and for a matrix the fields of a target ' +
      'as templates over the fields of an entry: {field}, {field|default}, {field?}.',
  ].join('\n\n'),
  examples: [
    'fanfold import --output fanfold.yaml',
    'fanfold import --matrix .github/matrix.yml --destination ghcr.io/acme --map image=api --map "suffix={tag-suffix}" --map "platforms={platforms}" --map "args.FLAVOR={flavor}"',
    'fanfold import --bake docker-bake.hcl --output fanfold.yaml',
  ],
  options: {
    file: option.string(
      'the configuration whose sources are imported; fanfold.yaml here or above, where absent',
      'PATH',
      {
        short: 'f',
      },
    ),
    matrix: option.string('a YAML or JSON file with a list of entries', 'PATH'),
    list: option.string('where in it the list is, keys with dots between; include where absent', 'KEYS'),
    map: option.strings('a field of each target: image=api, args.BACKEND={backend}', 'FIELD=TEMPLATE'),
    bake: option.string('a Bake file, or what docker buildx bake --print printed', 'PATH'),
    compose: option.string('a Compose file', 'PATH'),
    destination: option.strings('where images are published', 'REGISTRY'),
    platform: option.strings('platforms of targets that name none', 'OS/ARCH'),
    tags: option.strings('a tag rule', 'RULE'),
    output: option.string('the file to write; stdout where absent', 'PATH', { short: 'o' }),
    dryRun: option.boolean('write no file, say what would be written', 'n'),
  },
  printsData: true,
  run: async (call): Promise<ImportResult> => {
    const { host, signal, options, output } = call;
    const { importFamily } = await import('../../adopt/import.ts');
    const { hostSourceReader } = await import('../../source/project/source-reader.ts');
    const { text, file, root } = await openConfiguration(call);
    const imported = await importFamily(text, file, hostSourceReader(root, host), { signal });
    const isEqual = imported.differences.length === 0;
    if (isEqual) output.note(`${imported.legs} legs equal, in ${imported.targets} targets`);
    const { output: path } = options;
    if (path === undefined || options.dryRun || !isEqual) return imported;
    await host.files.replace(resolve(host.cwd, path), imported.text);
    return { ...imported, written: path };
  },
  text: ({ text, written, differences }, style) => {
    if (differences.length > 0) {
      const shown = differences
        .slice(0, differencesShown)
        .map(({ leg, field, before, after }) => `${style.red('differs')}  ${leg} ${field}: ${before} became ${after}`);
      const more = differences.length - shown.length;
      return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
    }
    return written === undefined ? text.trimEnd() : `${written}: ${text.trimEnd().split('\n').length} lines`;
  },
  status: ({ differences }) => (differences.length === 0 ? 0 : 1),
});

interface Configuration {
  readonly text: string;
  readonly file: string;
  readonly root: string;
}

type ImportCall = Pick<Call<Options>, 'host'> & Pick<Parameters<typeof command.run>[0], 'options'>;

/** The options as a fanfold.yaml in this folder, else the one that there is. */
async function openConfiguration({ host, options }: ImportCall): Promise<Configuration> {
  const { optionsToYaml } = await import('../../adopt/import-options.ts');
  const text = optionsToYaml({ ...options, platforms: options.platform });
  if (text !== undefined) return { text, file: join(host.cwd, 'fanfold.yaml'), root: host.cwd };
  return await readConfiguration(options.file, host);
}

async function readConfiguration(path: string | undefined, host: Host): Promise<Configuration> {
  const { findConfiguration, readConfigurationText } = await import('../../source/project/load.ts');
  const file = await findConfiguration(path, host);
  if (file === undefined) {
    throw new FanfoldError('config.not-found', 'there is no fanfold.yaml with sources to import', {
      hint: 'name a file: --matrix, --bake or --compose',
    });
  }
  return { text: await readConfigurationText(file, host), file, root: resolve(file, '..') };
}
