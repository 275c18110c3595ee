/** `fanfold audit`: builds a sample of what is built again, and compares. */

import { keyProject, openProject } from '../../call/project.ts';
import { printable, type Style } from '../../report/style.ts';
import type { Audit, Audited } from '../../run/audit.ts';
import { defineCommand, option } from '../command.ts';
import { keyOptions, projectOptions } from '../options.ts';

const usualSample = 5;
const shownAtMost = 20;

export const command = defineCommand({
  name: 'audit',
  summary: 'Build a sample of built legs again, and compare content: a difference is a suspected miss',
  details:
    'Legs whose key staging holds are built again without caches, into a folder that is thrown away; root file system and config are ' +
    'compared, times left out. What differs was changed by something that is not in the key: what RUN fetches, or what is not reproducible. ' +
    'The same seed chooses the same legs.',
  examples: ['fanfold audit', 'fanfold audit --sample 20 --seed "$(date +%F)"', 'fanfold audit --only api --json'],
  options: {
    ...projectOptions,
    ...keyOptions,
    sample: option.integer(`legs to build again at the most; ${usualSample} where absent`, 'N'),
    seed: option.string('what chooses the legs; the commit where absent', 'TEXT'),
  },
  printsData: true,
  run: async (call): Promise<Audit> => {
    const project = await openProject(call);
    const { keyed, unkeyed } = await keyProject(project, call);
    if (unkeyed[0] !== undefined) throw unkeyed[0].error;
    const { auditLegs } = await import('../../run/audit.ts');
    const { createChooser } = await import('../../call/chooser.ts');
    const { family, open, revision } = project;
    const { host, signal, output } = call;
    const sample = { size: call.options.sample ?? usualSample, seed: call.options.seed ?? revision };
    const on = (line: string): void => output.note(printable(line));
    return await auditLegs(keyed, sample, { family, host, open, choose: createChooser(host), on }, { signal });
  },
  text: describeAudit,
  status: ({ audited }) => (audited.every(({ kind }) => kind === 'same') ? 0 : 1),
});

function describeAudit({ audited, built, seed }: Audit, style: Style): string {
  const differ = audited.filter(({ kind }) => kind === 'differs').length;
  return [
    ...audited.flatMap((one) => describeAudited(one, style)),
    `${audited.length} of ${built} built legs built again (seed ${JSON.stringify(seed)}): ${differ} suspected misses`,
  ].join('\n');
}

function byDesign(names: readonly string[]): string {
  return names.length === 0 ? '' : ` (or other values of what is volatile: ${names.join(', ')})`;
}

function describeAudited(one: Audited, style: Style): readonly string[] {
  switch (one.kind) {
    case 'same':
      return [`${style.green('same')}     ${one.leg}`];
    case 'failed':
      return [`${style.red('failed')}   ${one.leg}: ${printable(one.problem)}`];
    case 'differs': {
      const more = one.differences.length - shownAtMost;
      return [
        `${style.red('differs')}  ${one.leg}: a suspected miss${byDesign(one.volatile)}`,
        ...one.differences.slice(0, shownAtMost).map(({ what, change }) => `    ${change} ${printable(what)}`),
        ...(more > 0 ? [`    and ${more} more`] : []),
      ];
    }
    default:
      return one satisfies never;
  }
}
