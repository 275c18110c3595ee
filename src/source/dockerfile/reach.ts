/** From a target stage to all that it needs, each with its steps. */
import type { ReachedStage } from './reached-stage.ts';
import { type BodyItem, type ReachContext, readBodies } from './stage-bodies.ts';
import { type Budget, copyScope, envPairs, type StageScope, scopeOn, setEnv } from './stage-scope.ts';
import { makeSteps } from './stage-steps.ts';
import type { TableStage } from './stage-table.ts';
import type { Step } from './step.ts';

/** What all expansions of one build may write together, in characters. */
const budgetCharacters = 33_554_432;

/** The reached stages in the order of the file, which is one in which they can be built: a stage uses only earlier ones. */
export function reachFrom(target: TableStage, context: ReachContext): readonly ReachedStage[] {
  const bodies = readBodies(target, context);
  const reach: Reach = { ...context, budget: { left: budgetCharacters } };
  const made = new Map<number, MadeStage>();
  for (const stage of context.table.stages) {
    const body = bodies.get(stage.index);
    if (body !== undefined) made.set(stage.index, makeStage(reach, stage, body, made));
  }
  return [...made.values()].map((stage) => stage.reached);
}

interface Reach extends ReachContext {
  readonly budget: Budget;
}

interface MadeStage {
  readonly reached: ReachedStage;
  readonly scope: StageScope;
}

function makeStage(
  reach: Reach,
  stage: TableStage,
  body: readonly BodyItem[],
  made: ReadonlyMap<number, MadeStage>,
): MadeStage {
  const before = stage.base.kind === 'stage' ? made.get(stage.base.stage) : undefined;
  const scope = before === undefined ? baseScope(reach, stage) : copyScope(before.scope);
  const platform = before?.reached.platform ?? stage.platform;
  const args = new Map<string, string | undefined>(
    [...stage.used].map((name) => [name, reach.table.globals.get(name)]),
  );
  const { dockerfile, options, table, budget } = reach;
  const context = { escapeCharacter: dockerfile.directives.escape, options, table, budget, scope, args };
  const { steps, takers } = makeSteps(body, context, reach.report);
  const reached: ReachedStage = {
    index: stage.index,
    ...(stage.name !== undefined && { name: stage.name }),
    base: stage.base,
    platform,
    place: stage.from.place,
    steps,
    takers,
    args,
    env: envPairs(scope),
    undecided: undecidedIn(before === undefined ? scope.unknownBase : undefined, steps),
  };
  return { reached, scope };
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function baseScope(reach: Reach, { base, platform }: TableStage): StageScope {
  const name = base.kind === 'image' ? base.reference : base.kind === 'named' ? base.name : undefined;
  const facts = name === undefined ? undefined : reach.options.bases?.get(name);
  if (name !== undefined && facts === undefined) return scopeOn([], `the image ${name}, whose config is not known`);
  const scope = scopeOn(facts?.env ?? []);
  if (!scope.env.has('PATH') && platform.os !== 'windows') setEnv(scope, 'PATH', defaultPath, false);
  return scope;
}

function undecidedIn(unknownBase: string | undefined, steps: readonly Step[]): readonly string[] {
  const reasons = unknownBase === undefined ? [] : [`ONBUILD may add to it by ${unknownBase}`];
  for (const { undecided, place } of steps) if (undecided) reasons.push(`line ${place.line}: ${undecided}`);
  return reasons;
}
