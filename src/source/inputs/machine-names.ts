/** Names that tell where a build runs, and what takes files by one: no key may differ by the machine, so what it takes cannot be decided. */
import { readArgs } from '../dockerfile/action.ts';
import { argAction } from '../dockerfile/arg-action.ts';
import { remembered } from '../dockerfile/constant.ts';
import type { Dockerfile } from '../dockerfile/instruction.ts';
import type { ReachedStage } from '../dockerfile/stages.ts';
import type { Step } from '../dockerfile/step.ts';

/** What BuildKit tells a build of the machine that it runs on (Dockerfile reference, "Automatic platform ARGs in the global scope"). */
const machineArguments: ReadonlySet<string> = new Set([
  'BUILDPLATFORM',
  'BUILDOS',
  'BUILDOSVERSION',
  'BUILDARCH',
  'BUILDVARIANT',
]);

/** By the index of a stage, by line, why what it takes is another one elsewhere. */
export type MachineLines = ReadonlyMap<number, ReadonlyMap<number, readonly string[]>>;

/** Build arguments that the target gives: such a name tells nothing of the machine. */
type Given = Readonly<Record<string, string>>;

/** Names by which a value came to depend on the machine: the argument of BuildKit's that it began with. */
type Tainted = Map<string, string>;

/** The lines of these stages that take files by the machine, directly or by arguments and variables whose values it went into. */
export function machineLines(stages: readonly ReachedStage[], dockerfile: Dockerfile, given: Given): MachineLines {
  const found = new Map<number, ReadonlyMap<number, readonly string[]>>();
  if (!mentionsMachine(stages, dockerfile)) return found;
  const globals = globalNames(dockerfile, given);
  const atEnd = new Map<number, Tainted>();
  for (const stage of stages) {
    const tainted: Tainted = new Map(stage.base.kind === 'stage' ? atEnd.get(stage.base.stage) : []);
    const lines = new Map<number, readonly string[]>();
    for (const step of stage.steps) {
      const { line } = step.place;
      const names = step.action.kind === 'arg' || step.action.kind === 'env' ? [] : namesIn(step.used, tainted);
      if (names.length > 0) lines.set(line, [...(lines.get(line) ?? []), ...names.map((name) => reason(line, name))]);
      follow(step, tainted, { dockerfile, given, globals });
    }
    if (lines.size > 0) found.set(stage.index, lines);
    atEnd.set(stage.index, tainted);
  }
  return found;
}

function reason(line: number, name: string): string {
  return `line ${line} takes files by ${name}, which depends on the machine that builds`;
}

function namesIn(used: ReadonlySet<string>, tainted: Tainted): readonly string[] {
  return [...new Set([...used].flatMap((name) => tainted.get(name) ?? []))];
}

interface Scope {
  readonly dockerfile: Dockerfile;
  readonly given: Given;
  readonly globals: Tainted;
}

/** What an ARG or ENV makes of the names. */
function follow({ action, instruction, used }: Step, tainted: Tainted, scope: Scope): void {
  if (action.kind === 'env') {
    const [source] = namesIn(used, tainted);
    for (const { name } of action.pairs) mark(tainted, name, source);
  }
  if (action.kind !== 'arg') return;
  const written = argAction(instruction, scope.dockerfile.directives.escape);
  for (const { name, value } of written.kind === 'arg' ? written.args : []) {
    if (Object.hasOwn(scope.given, name)) tainted.delete(name);
    else if (value === undefined) mark(tainted, name, scope.globals.get(name) ?? tainted.get(name));
    else mark(tainted, name, namesIn(used, tainted)[0]);
  }
}

function mark(tainted: Tainted, name: string, source: string | undefined): void {
  if (source === undefined) tainted.delete(name);
  else tainted.set(name, source);
}

const withoutGiven = new WeakMap<Dockerfile, ReadonlySet<string>>();

/** Those of BuildKit's names that tell of the machine: neither the target gives them nor an ARG before the first FROM. */
export function ownMachineNames(dockerfile: Dockerfile, given: Given): ReadonlySet<string> {
  const isGiven = [...machineArguments].some((name) => Object.hasOwn(given, name));
  const known = isGiven ? undefined : withoutGiven.get(dockerfile);
  if (known !== undefined) return known;
  const globals = globalNames(dockerfile, given);
  const made = new Set([...machineArguments].filter((name) => globals.has(name)));
  if (!isGiven) withoutGiven.set(dockerfile, made);
  return made;
}

/** The arguments before the first FROM that depend on the machine, its own among them. */
function globalNames({ instructions, directives }: Dockerfile, given: Given): Tainted {
  const tainted: Tainted = new Map([...machineArguments].map((name) => [name, name]));
  for (const name of Object.keys(given)) tainted.delete(name);
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') break;
    if (instruction.keyword !== 'ARG') continue;
    for (const { name, value } of readArgs(instruction, directives.escape)) {
      if (value === undefined || Object.hasOwn(given, name)) continue;
      mark(tainted, name, namesIn(new Set(value.match(/[A-Za-z_]\w*/g)), tainted)[0]);
    }
  }
  return tainted;
}

const machineName = new RegExp(`\\b(?:${[...machineArguments].join('|')})\\b`);

/** Most Dockerfiles do not, and most that do, do so in FROM alone. */
function mentionsMachine(stages: readonly ReachedStage[], { instructions }: Dockerfile): boolean {
  return (
    instructions.some((instruction) => instruction.keyword !== 'FROM' && saysMachine(instruction)) ||
    stages.some(({ steps }) => steps.some(({ fromOnbuild, instruction }) => fromOnbuild && saysMachine(instruction)))
  );
}

const saysMachine = remembered(({ source }) => machineName.test(source));
