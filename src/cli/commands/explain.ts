/** `fanfold explain`: why a leg is what it is, which legs a path reaches, what two keys differ in. */
import { relative, resolve } from 'node:path';
import { FanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { compareProject, keyProject, openProject, type Project, placesOf } from '../../call/project.ts';
import type { ComparedLeg } from '../../plan/changed.ts';
import type { ExplainedInput } from '../../plan/explain.ts';
import type { PathExplanation } from '../../plan/explain-path.ts';
import type { InputChange } from '../../plan/input-change.ts';
import {
  describeKeyDifference,
  describeLegChange,
  describeLegInputs,
  describePathExplanation,
} from '../../report/explanation.ts';
import type { Style } from '../../report/style.ts';
import type { KeyedLeg } from '../../source/inputs/leg-inputs.ts';
import { type Call, defineCommand, option } from '../command.ts';
import { keyOptions, projectOptions } from '../options.ts';

interface LegAnswer {
  readonly leg: string;
  readonly inputs: readonly ExplainedInput[];
  readonly change?: { readonly since: string; readonly compared: ComparedLeg };
}

/** What was true of a path at a revision. */
interface PathBefore {
  readonly since: string;
  readonly path: PathExplanation;
}

type Answer =
  | { readonly kind: 'legs'; readonly legs: readonly LegAnswer[] }
  | { readonly kind: 'path'; readonly path: PathExplanation; readonly before?: PathBefore }
  | { readonly kind: 'difference'; readonly changes: readonly InputChange[] };

const options = {
  ...projectOptions,
  ...keyOptions,
  since: option.string('what changed since a revision, without the network', 'REF'),
  last: option.boolean('what changed since the last record of the leg in staging'),
  diff: option.boolean(
    'what two keys differ in: KEY KEY, each a key’s beginning, or a leg’s name (LEG~ is the leg at --since)',
  ),
};

type ExplainCall = Call<typeof options>;

export const command = defineCommand({
  name: 'explain',
  summary: 'Say why: the inputs of a leg, the legs that a path reaches, what two keys differ in',
  details:
    'Each input is told with the line that decides: of the Dockerfile, of fanfold.yaml, of an ignore file. Nothing is asked of any network ' +
    '(bases are left as written) but with --last, which looks for the leg in staging.',
  examples: [
    'fanfold explain api@linux/amd64',
    'fanfold explain api --since origin/main',
    'fanfold explain scripts/run.sh',
    'fanfold explain --diff 3f2a91c0 77be01d4 --since HEAD~1',
  ],
  arguments: [
    {
      name: 'what',
      description: 'TARGET, TARGET@PLATFORM or a path; two keys with --diff',
      required: true,
      many: true,
    },
  ],
  options,
  printsData: true,
  run: async (call): Promise<Answer> => {
    const project = await openProject(call);
    if (call.options.diff) return await explainDifference(project, call);
    const [what, ...more] = call.args;
    if (what === undefined || more.length > 0)
      throw new FanfoldError('usage.invalid', 'explain takes one thing; two keys with --diff');
    const asked = project.family.targets.filter(({ name }) => name === what || what.startsWith(`${name}@`));
    return asked.length === 0 ? await explainOnePath(project, what, call) : await explainLegs(project, what, call);
  },
  text: (answer, style) => {
    switch (answer.kind) {
      case 'legs':
        return answer.legs
          .map(({ leg, inputs, change }) => {
            const changed = change === undefined ? [] : [describeLegChange(change.compared, change.since)];
            return [describeLegInputs(leg, inputs, style), ...changed].join('\n');
          })
          .join('\n\n');
      case 'path':
        return describePath(answer, style);
      case 'difference':
        return describeKeyDifference(answer.changes);
      default:
        return answer satisfies never;
    }
  },
  data: (answer) =>
    answer.kind === 'legs' ? answer.legs.map(legData) : answer.kind === 'path' ? pathData(answer) : answer.changes,
});

type PathAnswer = Extract<Answer, { readonly kind: 'path' }>;

function describePath({ path, before }: PathAnswer, style: Style): string {
  const then = before === undefined ? [] : ['', `at ${before.since}:`, describePathExplanation(before.path, style)];
  return [describePathExplanation(path, style), ...then].join('\n');
}

function pathData({ path, before }: PathAnswer): object {
  return before === undefined ? path : { ...path, before: { since: before.since, ...before.path } };
}

function legData({ leg, inputs, change }: LegAnswer): object {
  if (change === undefined) return { leg, inputs };
  const { compared, since } = change;
  return {
    leg,
    inputs,
    since,
    affected: compared.kind !== 'same',
    changes: compared.kind === 'changed' ? compared.changes : [],
  };
}

async function explainLegs(project: Project, what: string, call: ExplainCall): Promise<Answer> {
  const { explainLeg } = await import('../../plan/explain.ts');
  const isAsked = ({ leg }: Pick<KeyedLeg, 'leg'>): boolean => leg.name === what || leg.target.name === what;
  const { since, last } = call.options;
  const comparison = since === undefined ? undefined : await compareProject(project, since, call);
  const { keyed, unkeyed } =
    comparison === undefined
      ? await keysOf(project, call, last)
      : { ...comparison, keyed: comparison.legs.map((one) => one.keyed) };
  const wrong = unkeyed.find(isAsked);
  if (wrong !== undefined) throw wrong.error;
  const legs = keyed.filter(isAsked);
  if (legs.length === 0) throw unknownLeg(what, keyed);
  const places = await placesOf(project.family, call);
  const answers = legs.map(async (leg): Promise<LegAnswer> => {
    const compared = comparison?.legs.find((one) => one.keyed === leg);
    const change =
      compared !== undefined && since !== undefined
        ? { since, compared }
        : last
          ? await sinceLast(leg, project, call)
          : undefined;
    return { leg: leg.leg.name, inputs: explainLeg(leg, places), ...(change === undefined ? {} : { change }) };
  });
  return { kind: 'legs', legs: await Promise.all(answers) };
}

async function sinceLast(keyed: KeyedLeg, project: Project, call: ExplainCall): Promise<LegAnswer['change']> {
  const { lastRecord } = await import('../../plan/last-record.ts');
  const { keyDifference } = await import('../../plan/key-difference.ts');
  const cancel = { signal: call.signal };
  const staging = await project.open(keyed.leg.target.staging, cancel);
  const found = await lastRecord(keyed, project.family, { staging, open: project.open }, call.host, cancel);
  if (found === undefined) {
    return {
      since: 'its last record',
      compared: { kind: 'unknown', keyed, why: 'staging has none of its last 25 commits' },
    };
  }
  const { revision, run } = found.record;
  const since = `its last record${revision === '' ? '' : ` at ${revision.slice(0, 12)}`}${run === '' ? '' : ` by ${run}`}`;
  if (found.keyed.key === keyed.key) return { since, compared: { kind: 'same', keyed } };
  const changes = keyDifference(found.keyed, keyed, await placesOf(project.family, call));
  return { since, compared: { kind: 'changed', keyed, changes } };
}

async function keysOf(project: Project, call: ExplainCall, withBases: boolean) {
  return await keyProject(project, call, withBases ? {} : { bases: 'as-written' });
}

async function explainOnePath(project: Project, path: string, call: ExplainCall): Promise<Answer> {
  const { findRepository } = await import('../../source/git/repository.ts');
  const { explainPath, familyPlace } = await import('../../plan/explain-path.ts');
  const repository = await findRepository(project.family.root, call.host, { signal: call.signal });
  const top = repository?.root ?? project.family.root;
  const inside = relative(top, resolve(call.host.cwd, path));
  if (inside.startsWith('..'))
    throw new FanfoldError('usage.invalid', `${path} is neither a target nor in ${top}`, nearTo(path, project));
  const { keyed } = await keysOf(project, call, false);
  const place = familyPlace(project.family, repository?.prefix ?? '');
  const { since } = call.options;
  // A file that is gone reaches nothing now: what it reached is known of then.
  const before =
    since === undefined
      ? {}
      : { before: { since, path: explainPath(inside, await keysBefore(project, since, call), place) } };
  return { kind: 'path', path: explainPath(inside, keyed, place), ...before };
}

function nearTo(word: string, { family }: Project): { readonly hint?: string } {
  const near = nearestName(
    word,
    family.targets.map(({ name }) => name),
  );
  return near === undefined ? {} : { hint: `did you mean the target ${near}?` };
}

async function explainDifference(project: Project, call: ExplainCall): Promise<Answer> {
  const { keyDifference } = await import('../../plan/key-difference.ts');
  const [one, other, ...more] = call.args;
  if (one === undefined || other === undefined || more.length > 0)
    throw new FanfoldError('usage.invalid', '--diff takes two keys');
  const { since } = call.options;
  const before = since === undefined ? [] : await keysBefore(project, since, call);
  const { keyed } = await keysOf(project, call, false);
  const find = (word: string): KeyedLeg => {
    const isIt = ({ leg, key }: KeyedLeg): boolean =>
      leg.name === word || (/^[0-9a-f]{6,64}$/.test(word) && key.startsWith(word));
    const found = word.endsWith('~')
      ? before.find(({ leg }) => leg.name === word.slice(0, -1))
      : [...keyed, ...before].find(isIt);
    if (found === undefined) throw unknownLeg(word, keyed);
    return found;
  };
  return { kind: 'difference', changes: keyDifference(find(one), find(other), await placesOf(project.family, call)) };
}

async function keysBefore(project: Project, since: string, call: ExplainCall): Promise<readonly KeyedLeg[]> {
  const { familyBefore } = await import('../../plan/since.ts');
  return (await familyBefore(project.family, since, call.host, () => true, { signal: call.signal })).keyed;
}

function unknownLeg(word: string, keyed: readonly KeyedLeg[]): FanfoldError {
  const near = nearestName(
    word,
    keyed.map(({ leg }) => leg.name),
  );
  return new FanfoldError('usage.invalid', `no leg here is called ${word}, and none has that key`, {
    hint: near === undefined ? 'keys of before are known with --since REF' : `did you mean ${near}?`,
  });
}
