/** Which stages a target needs, and the instructions of each: its own, and what its base has in ONBUILD. */
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import { fromsOf } from './constant.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { parseDockerfile } from './parse.ts';
import type { ReachOptions } from './reached-stage.ts';
import type { ReportAt, StageTable, TableStage } from './stage-table.ts';
import type { CopyOrigin } from './step.ts';

/** What reaching needs to know. */
export interface ReachContext {
  readonly dockerfile: Dockerfile;
  readonly options: ReachOptions;
  readonly table: StageTable;
  readonly report: ReportAt;
}

/** An instruction of a stage, its own or one that its base left for later. */
export interface BodyItem {
  readonly instruction: Instruction;
  readonly fromOnbuild: boolean;
}

interface Bodies extends ReachContext {
  readonly byIndex: ReadonlyMap<number, TableStage>;
  /** The stages that each stage names, as far as they were asked for. */
  readonly neighbours: Map<number, readonly number[]>;
  /** The instructions of each stage that was reached, ONBUILD's first. */
  readonly bodies: Map<number, readonly BodyItem[]>;
}

/** The instructions of each stage that is reached, by the stage's index. What is wrong in the other stages is reported as well. */
export function readBodies(target: TableStage, context: ReachContext): ReadonlyMap<number, readonly BodyItem[]> {
  if (addsByOnbuild(context)) return findBodies(target, context);
  const { stages } = context.table;
  const known = knownBodies.get(stages) ?? new Map<number, ReadonlyMap<number, readonly BodyItem[]>>();
  knownBodies.set(stages, known);
  const found = known.get(target.index);
  if (found !== undefined) return found;
  let isSound = true;
  const report: ReportAt = (instruction, error) => {
    isSound = false;
    context.report(instruction, error);
  };
  const made = findBodies(target, { ...context, report });
  if (isSound) known.set(target.index, made);
  return made;
}

/** By the stages, which builds share whose FROMs mean the same, then by the target. */
const knownBodies = new WeakMap<readonly TableStage[], Map<number, ReadonlyMap<number, readonly BodyItem[]>>>();

/** Whether the config of an image adds instructions to a stage. */
function addsByOnbuild({ table, options: { bases } }: ReachContext): boolean {
  if (bases === undefined || bases.size === 0) return false;
  return table.stages.some(({ base }) => {
    const name = base.kind === 'image' ? base.reference : base.kind === 'named' ? base.name : undefined;
    return name !== undefined && (bases.get(name)?.onbuild.length ?? 0) > 0;
  });
}

function findBodies(target: TableStage, context: ReachContext): ReadonlyMap<number, readonly BodyItem[]> {
  const byIndex = new Map(context.table.stages.map((stage) => [stage.index, stage]));
  const reach: Bodies = { ...context, byIndex, bodies: new Map(), neighbours: new Map() };
  visit(reach, target);
  checkOthers(reach);
  return reach.bodies;
}

const stageAt = (reach: Bodies, index: number) => reach.byIndex.get(index);

function visit(reach: Bodies, target: TableStage): void {
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

function stagesUsedBy(reach: Bodies, stage: TableStage, instruction: Instruction): readonly number[] {
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
function originsOf(reach: Bodies, instruction: Instruction): readonly CopyOrigin[] {
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

function readOrigins({ table }: Bodies, instruction: Instruction): readonly CopyOrigin[] {
  return fromsOf(instruction).map((name) => table.originOf(name, instruction.keyword === 'RUN'));
}

/** BuildKit refuses a number without a stage, and stages in a circle, in stages that are not reached as well. */
function checkOthers(reach: Bodies): void {
  for (const stage of reach.table.stages) {
    if (reach.bodies.has(stage.index)) continue;
    for (const instruction of mayNameStages(stage.body)) {
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

const naming = new WeakMap<readonly Instruction[], readonly Instruction[]>();

/** The instructions of a stage that have a `from`, or one that cannot be read. */
function mayNameStages(body: readonly Instruction[]): readonly Instruction[] {
  const known =
    naming.get(body) ?? body.filter((instruction) => mayTake.has(instruction.keyword) && hasFrom(instruction));
  naming.set(body, known);
  return known;
}

function hasFrom(instruction: Instruction): boolean {
  try {
    return fromsOf(instruction).length > 0;
  } catch (error) {
    if (isFanfoldError(error)) return true;
    throw error;
  }
}

function leadsTo(reach: Bodies, from: number, wanted: number): boolean {
  const seen = new Set<number>([from]);
  for (const index of seen) for (const neighbour of neighboursOf(reach, index)) seen.add(neighbour);
  return seen.has(wanted);
}

function neighboursOf(reach: Bodies, index: number): readonly number[] {
  const known = reach.neighbours.get(index);
  if (known !== undefined) return known;
  const stage = stageAt(reach, index);
  const origins = (stage?.body ?? []).flatMap((instruction) => originsOf(reach, instruction));
  const named = origins.flatMap((origin) => (origin.kind === 'stage' ? [origin.stage] : []));
  const neighbours = [...new Set(stage?.base.kind === 'stage' ? [stage.base.stage, ...named] : named)];
  reach.neighbours.set(index, neighbours);
  return neighbours;
}

function triggersOf(reach: Bodies, stage: TableStage): readonly BodyItem[] {
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

function onbuildOf(reach: Bodies, { base }: TableStage): readonly string[] {
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
