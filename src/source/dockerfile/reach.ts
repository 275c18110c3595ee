/** From a target stage to all that it needs, each with its steps. */
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import { fromsOf } from './constant.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { parseDockerfile } from './parse.ts';
import type { ReachedStage, ReachOptions } from './reached-stage.ts';
import { type Budget, copyScope, envPairs, type StageScope, scopeOn, setEnv } from './stage-scope.ts';
import { makeStep, type StepContext } from './stage-step.ts';
import type { ReportAt, StageTable, TableStage } from './stage-table.ts';
import type { CopyOrigin, Step } from './step.ts';

/** What reaching needs to know. */
export interface ReachContext {
  readonly dockerfile: Dockerfile;
  readonly options: ReachOptions;
  readonly table: StageTable;
  readonly report: ReportAt;
}

/** What all expansions of one build may write together, in characters. */
const budgetCharacters = 33_554_432;

/** The reached stages in the order of the file, which is one in which they can be built: a stage uses only earlier ones. */
export function reachFrom(target: TableStage, context: ReachContext): readonly ReachedStage[] {
  const byIndex = new Map(context.table.stages.map((stage) => [stage.index, stage]));
  const budget = { left: budgetCharacters };
  const reach: Reach = { ...context, budget, byIndex, bodies: new Map(), neighbours: new Map() };
  visit(reach, target);
  checkOthers(reach);
  const made = new Map<number, MadeStage>();
  for (const index of [...reach.bodies.keys()].sort((a, b) => a - b)) {
    const stage = stageAt(reach, index);
    if (stage !== undefined) made.set(index, makeStage(reach, stage, made));
  }
  return [...made.values()].map((stage) => stage.reached);
}

interface Reach extends ReachContext {
  readonly budget: Budget;
  readonly byIndex: ReadonlyMap<number, TableStage>;
  /** The stages that each stage names, as far as they were asked for. */
  readonly neighbours: Map<number, readonly number[]>;
  /** The instructions of each stage that was reached, ONBUILD's first. */
  readonly bodies: Map<number, readonly BodyItem[]>;
}

interface BodyItem {
  readonly instruction: Instruction;
  readonly fromOnbuild: boolean;
}

interface MadeStage {
  readonly reached: ReachedStage;
  readonly scope: StageScope;
}

const stageAt = (reach: Reach, index: number) => reach.byIndex.get(index);

function visit(reach: Reach, target: TableStage): void {
  const waiting = [target];
  for (let stage = waiting.pop(); stage !== undefined; stage = waiting.pop()) {
    if (reach.bodies.has(stage.index)) continue;
    const triggers = triggersOf(reach, stage);
    const body = triggers.length === 0 ? ownItems(stage) : [...triggers, ...ownItems(stage)];
    reach.bodies.set(stage.index, body);
    const earlier: number[] = [];
    for (const instruction of takersIn(body)) earlier.push(...stagesUsedBy(reach, stage, instruction));
    if (stage.base.kind === 'stage') earlier.push(stage.base.stage);
    for (const index of earlier) {
      const next = stageAt(reach, index);
      if (next !== undefined) waiting.push(next);
    }
  }
}

const mayTake: ReadonlySet<string> = new Set(['COPY', 'RUN']);

const items = new WeakMap<readonly Instruction[], readonly BodyItem[]>();

/** The instructions that stand in a stage: the same list for all legs of a Dockerfile. */
function ownItems({ body }: TableStage): readonly BodyItem[] {
  const known = items.get(body) ?? body.map((instruction) => ({ instruction, fromOnbuild: false }));
  items.set(body, known);
  return known;
}

const takers = new WeakMap<readonly BodyItem[], readonly Instruction[]>();

/** The instructions of a stage that name what they take from. */
function takersIn(body: readonly BodyItem[]): readonly Instruction[] {
  const known =
    takers.get(body) ?? body.flatMap(({ instruction }) => (readFroms(instruction).length > 0 ? [instruction] : []));
  takers.set(body, known);
  return known;
}

function stagesUsedBy(reach: Reach, stage: TableStage, instruction: Instruction): readonly number[] {
  return originsOf(reach, instruction).flatMap((origin) => {
    if (origin.kind !== 'stage') return [];
    if (origin.stage < stage.index) return [origin.stage];
    const name = stageAt(reach, origin.stage)?.name ?? String(origin.stage);
    const isOwn = origin.stage === stage.index;
    const message = isOwn ? `the stage ${name} takes files from itself` : `the stage ${name} stands after this one`;
    reach.report(
      instruction,
      new FanfoldError('dockerfile.stage', message, { hint: 'take files from an earlier stage' }),
    );
    return [];
  });
}

// What is wrong with them is told when the steps are made.
function originsOf(reach: Reach, instruction: Instruction): readonly CopyOrigin[] {
  return orNone(() => readOrigins(reach, instruction));
}

function readFroms(instruction: Instruction): readonly string[] {
  return orNone(() => fromsOf(instruction));
}

function orNone<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch (error) {
    if (isFanfoldError(error)) return [];
    throw error;
  }
}

function readOrigins({ table }: Reach, instruction: Instruction): readonly CopyOrigin[] {
  return fromsOf(instruction).map((name) => table.originOf(name, instruction.keyword === 'RUN'));
}

/** BuildKit refuses a number without a stage, and stages in a circle, in stages that are not reached as well. */
function checkOthers(reach: Reach): void {
  for (const stage of reach.table.stages) {
    if (reach.bodies.has(stage.index)) continue;
    for (const instruction of stage.body) {
      if (!mayTake.has(instruction.keyword)) continue;
      try {
        const isCircle = readOrigins(reach, instruction).some(
          (origin) =>
            origin.kind === 'stage' && origin.stage >= stage.index && leadsTo(reach, origin.stage, stage.index),
        );
        if (isCircle) throw new FanfoldError('dockerfile.stage', 'stages take files from each other in a circle');
      } catch (error) {
        reach.report(instruction, error);
      }
    }
  }
}

function leadsTo(reach: Reach, from: number, wanted: number): boolean {
  const seen = new Set<number>([from]);
  for (const index of seen) for (const neighbour of neighboursOf(reach, index)) seen.add(neighbour);
  return seen.has(wanted);
}

function neighboursOf(reach: Reach, index: number): readonly number[] {
  const known = reach.neighbours.get(index);
  if (known !== undefined) return known;
  const stage = stageAt(reach, index);
  const origins = (stage?.body ?? []).flatMap((instruction) => originsOf(reach, instruction));
  const named = origins.flatMap((origin) => (origin.kind === 'stage' ? [origin.stage] : []));
  const neighbours = [...new Set(stage?.base.kind === 'stage' ? [stage.base.stage, ...named] : named)];
  reach.neighbours.set(index, neighbours);
  return neighbours;
}

function triggersOf(reach: Reach, stage: TableStage): readonly BodyItem[] {
  return onbuildOf(reach, stage).flatMap((expression) => {
    const { dockerfile, diagnostics } = parseDockerfile(`FROM scratch\n${expression}`);
    const [, instruction, ...more] = dockerfile.instructions;
    const mistake = diagnostics[0]?.message ?? (more.length > 0 ? 'it is more than one instruction' : undefined);
    if (instruction !== undefined && mistake === undefined) {
      return [{ instruction: { ...instruction, place: stage.from.place }, fromOnbuild: true }];
    }
    const message = `what the base has in ONBUILD cannot be read: ${mistake ?? expression}`;
    reach.report(stage.from, new FanfoldError('dockerfile.syntax', message));
    return [];
  });
}

function onbuildOf(reach: Reach, { base }: TableStage): readonly string[] {
  switch (base.kind) {
    case 'scratch':
      return [];
    case 'image':
      return reach.options.bases?.get(base.reference)?.onbuild ?? [];
    case 'named':
      return reach.options.bases?.get(base.name)?.onbuild ?? [];
    case 'stage':
      return (stageAt(reach, base.stage)?.body ?? []).flatMap(({ keyword, trigger }) =>
        keyword === 'ONBUILD' && trigger !== undefined ? [expressionOf(trigger)] : [],
      );
    default:
      return base satisfies never;
  }
}

function expressionOf(trigger: Instruction): string {
  return trigger.source + trigger.heredocs.map(({ content, name }) => `\n${content}${name}`).join('');
}

function makeStage(reach: Reach, stage: TableStage, made: ReadonlyMap<number, MadeStage>): MadeStage {
  const before = stage.base.kind === 'stage' ? made.get(stage.base.stage) : undefined;
  const scope = before === undefined ? baseScope(reach, stage) : copyScope(before.scope);
  const platform = before?.reached.platform ?? stage.platform;
  const args = new Map<string, string | undefined>(
    [...stage.used].map((name) => [name, reach.table.globals.get(name)]),
  );
  const { dockerfile, options, table, budget } = reach;
  const context = { escapeCharacter: dockerfile.directives.escape, options, table, budget, scope, args };
  const steps: Step[] = [];
  for (const item of reach.bodies.get(stage.index) ?? []) addStep(reach, item, context, steps);
  const reached: ReachedStage = {
    index: stage.index,
    ...(stage.name !== undefined && { name: stage.name }),
    base: stage.base,
    platform,
    place: stage.from.place,
    steps,
    args,
    env: envPairs(scope),
    undecided: undecidedIn(before === undefined ? scope.unknownBase : undefined, steps),
  };
  return { reached, scope };
}

/** A step with a mistake is told and left out. */
function addStep(reach: Reach, { instruction, fromOnbuild }: BodyItem, context: StepContext, steps: Step[]): void {
  try {
    steps.push(makeStep(instruction, fromOnbuild, context));
  } catch (error) {
    reach.report(instruction, error);
  }
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
  const base = unknownBase === undefined ? [] : [`ONBUILD may add to it by ${unknownBase}`];
  return [...base, ...steps.flatMap(({ undecided, place }) => (undecided ? [`line ${place.line}: ${undecided}`] : []))];
}
