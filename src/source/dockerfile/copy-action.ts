/** COPY and ADD: sources told apart, variables put in. */
import type { ActionContext, Expander } from './action-context.ts';
import { bodyOf, heredocHead } from './heredoc.ts';
import { flagValue, type Instruction } from './instruction.ts';
import { mistake } from './mistake.ts';
import { readRemote } from './remote.ts';
import type { CopyOrigin, CopyStep, InlineFile } from './step.ts';
import { splitSpaces } from './words.ts';

/**
 * The action of COPY or ADD.
 * @throws FanfoldError `dockerfile.syntax`, `dockerfile.expansion`
 */
export function copyAction(instruction: Instruction, context: ActionContext, expander: Expander): CopyStep {
  const words = instruction.exec ?? splitSpaces(instruction.rest);
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2) {
    throw mistake(`${instruction.keyword} needs at least one source and a destination`);
  }
  if (heredocHead(destination) !== undefined) throw mistake('a heredoc cannot be a destination');
  const flag = (name: string) => expandFlag(instruction, name, expander);
  const checksum = flag('checksum');
  const written = words.slice(0, -1).filter((word) => heredocHead(word) === undefined);
  const split = splitSources(
    instruction,
    written.map((word) => expander.word(word)),
    checksum,
    context,
  );
  const keepGitDir = booleanFlag(instruction, 'keep-git-dir');
  const unpack = booleanFlag(instruction, 'unpack');
  return {
    kind: instruction.keyword === 'ADD' ? 'add' : 'copy',
    origin: originOf(instruction, context),
    ...split,
    inline: inlineFiles(instruction, words.slice(0, -1), expander),
    destination: expander.word(destination),
    ...optional('chown', flag('chown')),
    ...optional('chmod', flag('chmod')),
    link: booleanFlag(instruction, 'link') ?? false,
    parents: booleanFlag(instruction, 'parents') ?? false,
    exclude: instruction.flags.flatMap((item) => (item.name === 'exclude' ? [item.value ?? ''] : [])),
    ...optional('checksum', checksum),
    ...(keepGitDir !== undefined && { keepGitDir }),
    ...(unpack !== undefined && { unpack }),
  };
}

/**
 * Refuses a variable in `from`, which BuildKit does not expand.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function refuseVariable(from: string, where: string): void {
  if (/\$./.test(from)) {
    throw mistake(`${where} has a variable, which is not expanded there`, 'name a stage: FROM $image AS name');
  }
}

function originOf(instruction: Instruction, context: ActionContext): CopyOrigin {
  const from = flagValue(instruction, 'from');
  if (from === undefined || from === '') return { kind: 'context' };
  refuseVariable(from, '--from');
  return context.originOf?.(from) ?? { kind: 'image', reference: from };
}

function splitSources(
  instruction: Instruction,
  sources: readonly string[],
  checksum: string | undefined,
  context: ActionContext,
): Pick<CopyStep, 'sources' | 'remotes'> {
  const remotes = sources.flatMap((source) => readRemote(source, checksum) ?? []);
  const isChecked = context.expander !== undefined;
  if (isChecked && instruction.keyword === 'COPY' && remotes[0] !== undefined) {
    throw mistake(`COPY does not fetch ${remotes[0].url}`, 'write ADD');
  }
  if (isChecked && checksum && (sources.length !== 1 || remotes.length !== 1)) {
    throw mistake('--checksum is for exactly one URL or Git repository');
  }
  return { sources: sources.filter((source) => readRemote(source, checksum) === undefined), remotes };
}

function inlineFiles(instruction: Instruction, words: readonly string[], expander: Expander): readonly InlineFile[] {
  return words.flatMap((word) => {
    const announced = heredocHead(word);
    const heredoc = announced && instruction.heredocs.findLast(({ name }) => name === announced.name);
    if (announced === undefined || heredoc === undefined) return [];
    const body = bodyOf({ ...heredoc, strip: announced.strip });
    return [{ name: announced.name, content: announced.expand ? expander.body(body) : body }];
  });
}

function expandFlag(instruction: Instruction, name: string, expander: Expander): string | undefined {
  const value = flagValue(instruction, name);
  return value === undefined ? undefined : expander.word(value);
}

function booleanFlag(instruction: Instruction, name: string): boolean | undefined {
  const flag = instruction.flags.find((item) => item.name === name);
  return flag && flag.value?.toLowerCase() !== 'false';
}

function optional<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  return value === undefined || value === '' ? {} : ({ [name]: value } as { [key in Name]: string });
}
