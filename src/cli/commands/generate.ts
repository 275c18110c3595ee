/** `fanfold generate`: the workflow or pipeline of a CI service, from what fanfold.yaml says. */
import { resolve } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import type { ComparedFile } from '../../ci/committed.ts';
import { printable } from '../../report/style.ts';
import { defineCommand, option, type Values } from '../command.ts';
import { compareGenerated, type Service, services } from '../generated-file.ts';
import { loadWhole } from '../whole-family.ts';

type Generated =
  | { readonly how: 'printed'; readonly text: string }
  /** What was done with it. */
  | (ComparedFile & { readonly how: 'written' | 'checked' });

const options = {
  file: option.string('the configuration; fanfold.yaml here or in a folder above, where absent', 'PATH', {
    short: 'f',
  }),
  check: option.boolean(
    'write nothing; print the difference, with status 1, where the file is not as it would be written',
  ),
  stdout: option.boolean('print it instead of writing it'),
  plan: option.string('gitlab: print the pipeline of the jobs of a plan, as plan --format gitlab printed it', 'FILE'),
};

export const command = defineCommand({
  name: 'generate',
  summary: 'Write the workflow that builds and publishes the family on a CI service',
  details:
    'One file, whatever the family’s size: plan, legs on the machines that fanfold.yaml names, publish; on GitHub one gate to require. It is ' +
    'made of fanfold.yaml alone: commit it, and generate it again when fanfold.yaml or Fanfold’s version changes. --check writes nothing and prints what differs.',
  examples: ['fanfold generate github', 'fanfold generate github --check', 'fanfold generate gitlab --stdout'],
  arguments: [{ name: 'service', description: services.join(' or '), required: true }],
  options,
  printsData: true,
  run: async (call): Promise<Generated> => {
    const service = serviceOf(call.args[0] ?? '');
    refuseTogether(call.options, service);
    const family = await loadWhole(call.options.file, call);
    if (call.options.plan !== undefined) {
      const { childOf } = await import('../child-pipeline.ts');
      const plan = resolve(call.host.cwd, call.options.plan);
      return { how: 'printed', text: await childOf(family, plan, call.host, { signal: call.signal }) };
    }
    const compared = await compareGenerated(family, service, call);
    if (call.options.stdout) return { how: 'printed', text: compared.text };
    if (call.options.check) return { ...compared, how: 'checked' };
    if (compared.drift !== undefined) await call.host.files.replace(compared.file, compared.text);
    return { ...compared, how: 'written' };
  },
  text: (generated) => {
    if (generated.how === 'printed') return generated.text.trimEnd();
    const { path, text, drift, how } = generated;
    if (drift === undefined) return `${path} is as fanfold.yaml says`;
    // What stands in a file may hold what a terminal would obey.
    if (how === 'checked') return drift.split('\n').map(printable).join('\n');
    return `${path}: ${text.trimEnd().split('\n').length} lines`;
  },
  status: (generated) => (generated.how === 'checked' && generated.drift !== undefined ? 1 : 0),
});

function serviceOf(name: string): Service {
  const service = services.find((known) => known === name);
  if (service !== undefined) return service;
  const near = nearestName(name, services);
  const hint = near === undefined ? `there are ${services.join(', ')}` : `did you mean ${near}?`;
  throw new FanfoldError('usage.invalid', `${JSON.stringify(name)} is no CI service that is known`, { hint });
}

function refuseTogether({ check, stdout, plan }: Values<typeof options>, service: Service): void {
  if ([check, stdout, plan !== undefined].filter(Boolean).length > 1)
    throw new FanfoldError('usage.invalid', '--check, --stdout and --plan exclude each other');
  if (plan !== undefined && service !== 'gitlab')
    throw new FanfoldError('usage.invalid', '--plan is for gitlab: on GitHub a plan is the outputs of a job');
}
