/** `fanfold generate`: the workflow of a CI service, from what fanfold.yaml says. */
import { FanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { releasedAction } from '../../call/released-action.ts';
import type { ComparedWorkflow } from '../../ci/github/committed.ts';
import { printable } from '../../report/style.ts';
import { defineCommand, option } from '../command.ts';
import { loadWhole } from '../whole-family.ts';

interface Generated extends ComparedWorkflow {
  /** What was done with it. */
  readonly how: 'written' | 'checked' | 'printed';
}

const services = ['github'];

export const command = defineCommand({
  name: 'generate',
  summary: 'Write the workflow that builds and publishes the family on a CI service',
  details:
    'One workflow, whatever the family’s size: plan, legs on the machines that fanfold.yaml names (github.runners), publish, and one gate to require. It is ' +
    'made of fanfold.yaml alone: commit it, and generate it again when fanfold.yaml or Fanfold’s version changes. --check writes nothing and prints what differs.',
  examples: ['fanfold generate github', 'fanfold generate github --check', 'fanfold generate github --stdout'],
  arguments: [{ name: 'service', description: services.join(' or '), required: true }],
  options: {
    file: option.string('the configuration; fanfold.yaml here or in a folder above, where absent', 'PATH', {
      short: 'f',
    }),
    check: option.boolean(
      'write nothing; print the difference, with status 1, where the file is not as it would be written',
    ),
    stdout: option.boolean('print the workflow instead of writing it'),
  },
  printsData: true,
  run: async (call): Promise<Generated> => {
    const { options, args, host, signal } = call;
    refuseUnknown(args[0] ?? '');
    if (options.check && options.stdout)
      throw new FanfoldError('usage.invalid', '--check and --stdout exclude each other');
    const { compareWorkflow } = await import('../../ci/github/committed.ts');
    const compared = await compareWorkflow(await loadWhole(options.file, call), releasedAction, host, { signal });
    if (options.check || options.stdout) return { ...compared, how: options.check ? 'checked' : 'printed' };
    if (compared.drift !== undefined) await host.files.replace(compared.file, compared.text);
    return { ...compared, how: 'written' };
  },
  text: ({ how, path, text, drift }) => {
    if (how === 'printed') return text.trimEnd();
    if (drift === undefined) return `${path} is as fanfold.yaml says`;
    return how === 'checked' ? printableLines(drift) : `${path}: ${text.trimEnd().split('\n').length} lines`;
  },
  status: ({ how, drift }) => (how === 'checked' && drift !== undefined ? 1 : 0),
});

function refuseUnknown(service: string): void {
  if (services.includes(service)) return;
  const near = nearestName(service, services);
  const hint = near === undefined ? `there are ${services.join(', ')}` : `did you mean ${near}?`;
  throw new FanfoldError('usage.invalid', `${JSON.stringify(service)} is no CI service that is known`, { hint });
}

/** What stands in a file may hold what a terminal would obey. */
function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
