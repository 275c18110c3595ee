/** The stages of a Dockerfile with their FROM expanded, and what a name or number in `from` means. */
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import { type FromArguments, readFrom } from './action.ts';
import { argAction } from './arg-action.ts';
import { remembered } from './constant.ts';
import { expand } from './expand.ts';
import { familiarName } from './familiar-name.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { mistake } from './mistake.ts';
import { platformArgs, readStagePlatform } from './platform-args.ts';
import type { ReachOptions, StageBase, StagePlatform } from './reached-stage.ts';
import { type StageGroup, stageMemory } from './stage-memory.ts';
import type { CopyOrigin } from './step.ts';

/** A stage before its instructions are looked at. */
export interface TableStage {
  readonly index: number;
  readonly name?: string;
  readonly from: Instruction;
  readonly base: StageBase;
  readonly platform: StagePlatform;
  readonly body: readonly Instruction[];
  /** Global arguments that its FROM reads. */
  readonly used: ReadonlySet<string>;
}

/** All stages and the scope in front of them. */
export interface StageTable {
  readonly stages: readonly TableStage[];
  readonly globals: ReadonlyMap<string, string>;
  /** What a `from` of COPY or a mount names. */
  readonly originOf: (from: string, isMount: boolean) => CopyOrigin;
}

/** Tells a mistake of an instruction. */
export type ReportAt = (instruction: Instruction, error: unknown) => void;

const maxStages = 2000;

/** Reads the stages. Mistakes are reported; a stage with one is kept with what could be made out. */
export function readStages(dockerfile: Dockerfile, options: ReachOptions, report: ReportAt): StageTable {
  const groups = groupsOf(dockerfile.instructions);
  const last = groups.stages.at(-1)?.from;
  const targetName = options.stage ?? ((last && fromOf(last, report)?.name) || 'default');
  const globals = readGlobals(groups.globals, targetName, dockerfile, options, report);
  return { ...stagesOf(groups.stages, globals, dockerfile, options, report), globals };
}

type Stages = Omit<StageTable, 'globals'>;

const known = stageMemory<Stages>();

/** The stages, made once for all builds whose FROMs read the same values. */
function stagesOf(
  groups: readonly StageGroup[],
  globals: ReadonlyMap<string, string>,
  dockerfile: Dockerfile,
  options: ReachOptions,
  report: ReportAt,
): Stages {
  return known(groups, globals, options, (unsound) =>
    makeStages(groups, globals, dockerfile, options, (instruction, error) => {
      unsound();
      report(instruction, error);
    }),
  );
}

function makeStages(
  groups: readonly StageGroup[],
  globals: ReadonlyMap<string, string>,
  dockerfile: Dockerfile,
  options: ReachOptions,
  report: ReportAt,
): Stages {
  const names = new Map<string, number>();
  const stages: TableStage[] = [];
  for (const [index, { from, body }] of groups.entries()) {
    if (index >= maxStages) {
      report(from, mistake(`the Dockerfile has more than ${maxStages} stages`));
      break;
    }
    const written = fromOf(from, report);
    if (written === undefined) continue;
    const stage = makeStage(index, from, body, written, { names, globals, dockerfile, options, report });
    stages.push(stage);
    if (stage.name !== undefined) names.set(stage.name, index);
  }
  const originOf = (from: string, isMount: boolean) => findOrigin(from, isMount, stages.length, names, options);
  return { stages, originOf };
}

const knownGroups = new WeakMap<readonly Instruction[], ReturnType<typeof groupByStage>>();

function groupsOf(instructions: readonly Instruction[]): ReturnType<typeof groupByStage> {
  const groups = knownGroups.get(instructions) ?? groupByStage(instructions);
  knownGroups.set(instructions, groups);
  return groups;
}

function groupByStage(instructions: readonly Instruction[]): {
  globals: readonly Instruction[];
  stages: readonly StageGroup[];
} {
  const globals: Instruction[] = [];
  const stages: { from: Instruction; body: Instruction[] }[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') stages.push({ from: instruction, body: [] });
    else (stages.at(-1)?.body ?? globals).push(instruction);
  }
  return { globals, stages };
}

const fromArguments = remembered(readFrom);

function fromOf(from: Instruction, report: ReportAt): FromArguments | undefined {
  try {
    return fromArguments(from);
  } catch (error) {
    report(from, error);
    return undefined;
  }
}

function readGlobals(
  instructions: readonly Instruction[],
  targetName: string,
  dockerfile: Dockerfile,
  options: ReachOptions,
  report: ReportAt,
): ReadonlyMap<string, string> {
  const { platform, buildPlatform, args } = options;
  const globals = platformArgs(platform, buildPlatform, targetName, args);
  const escapeCharacter = dockerfile.directives.escape;
  for (const instruction of instructions) {
    if (instruction.keyword !== 'ARG') continue;
    try {
      const action = argAction(instruction, escapeCharacter);
      for (const { name, value } of action.kind === 'arg' ? action.args : []) {
        const given = Object.hasOwn(args, name) ? args[name] : undefined;
        const known = given ?? (value === undefined ? undefined : expand(value, globals, { escapeCharacter }).value);
        if (known !== undefined) globals.set(name, known);
      }
    } catch (error) {
      report(instruction, error);
    }
  }
  return globals;
}

interface Scope {
  readonly names: ReadonlyMap<string, number>;
  readonly globals: ReadonlyMap<string, string>;
  readonly dockerfile: Dockerfile;
  readonly options: ReachOptions;
  readonly report: ReportAt;
}

function makeStage(
  index: number,
  from: Instruction,
  body: readonly Instruction[],
  written: FromArguments,
  scope: Scope,
): TableStage {
  const { options, globals, report } = scope;
  const used = new Set<string>();
  const put = (text: string): string => {
    const expansion = expand(text, globals, { escapeCharacter: scope.dockerfile.directives.escape });
    for (const name of expansion.used) used.add(name);
    return expansion.value;
  };
  let base: StageBase = { kind: 'scratch' };
  let platform = options.platform;
  try {
    base = baseOf(put(written.base), written, scope);
    if (written.platform !== undefined) platform = readPlatform(put(written.platform), written.platform, options);
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    report(from, error);
  }
  const name = written.name === undefined ? {} : { name: written.name };
  // A named context of the stage's own name stands in for all of it.
  const isReplaced = written.name !== undefined && isNamed(written.name, options);
  if (isReplaced)
    return { index, ...name, from, base: { kind: 'named', name: written.name }, platform, body: [], used };
  return { index, ...name, from, base, platform, body, used };
}

function baseOf(reference: string, written: FromArguments, { names, options }: Scope): StageBase {
  if (reference === '') {
    throw mistake(`the base ${written.base} is empty`, 'give the argument a default in front of the first FROM');
  }
  const stage = names.get(reference);
  if (stage !== undefined) return { kind: 'stage', stage };
  if (reference === 'scratch') return { kind: 'scratch' };
  const familiar = familiarName(reference);
  if (isNamed(familiar, options)) return { kind: 'named', name: familiar };
  refuseCapitals(reference, names);
  return { kind: 'image', reference };
}

// Registries know no capitals in a repository's name; FROM, other than COPY --from, finds a stage only as it is written.
function refuseCapitals(reference: string, names: ReadonlyMap<string, number>): void {
  if (!/[A-Z]/.test(reference)) return;
  const [path = ''] = reference.split('@');
  const parts = path.replace(/:[^/:]*$/, '').split('/');
  const repository = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '') ? parts.slice(1) : parts;
  if (!/[A-Z]/.test(repository.join('/'))) return;
  const lower = reference.toLowerCase();
  throw mistake(
    `the base ${reference} has capitals`,
    names.has(lower) ? `write FROM ${lower}` : 'write it in small letters',
  );
}

function readPlatform(text: string, written: string, options: ReachOptions): StagePlatform {
  if (text === '') throw mistake(`the platform ${written} is empty`);
  return readStagePlatform(text, options.buildPlatform);
}

function isNamed(name: string, options: ReachOptions): boolean {
  return !/^(scratch|context)$/i.test(name) && (options.contexts?.has(name) ?? false);
}

function findOrigin(
  from: string,
  isMount: boolean,
  count: number,
  names: ReadonlyMap<string, number>,
  options: ReachOptions,
): CopyOrigin {
  // Mounts know stages by name only.
  if (!isMount && /^[+-]?\d+$/.test(from)) {
    const stage = Number(from);
    if (stage >= 0 && stage < count) return { kind: 'stage', stage };
    throw new FanfoldError('dockerfile.stage', `there is no stage ${from}`, {
      hint: `stages are numbered from 0 to ${count - 1}`,
    });
  }
  const stage = names.get(from.toLowerCase());
  if (stage !== undefined) return { kind: 'stage', stage };
  if (from === 'scratch') return { kind: 'scratch' };
  const familiar = familiarName(from);
  return isNamed(familiar, options) ? { kind: 'named', name: familiar } : { kind: 'image', reference: from };
}
