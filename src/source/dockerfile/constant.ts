/** What of a Dockerfile is the same in every build of it, whatever its arguments: worked out once, shared by all legs. */
import { flagValue, type Instruction } from './instruction.ts';
import { mountFroms } from './mounts.ts';

/** A function of an instruction with a memory that lasts as long as the instruction. What throws is not kept. */
export function remembered<T>(make: (instruction: Instruction) => T): (instruction: Instruction) => T {
  const known = new WeakMap<Instruction, { readonly value: T }>();
  return (instruction) => {
    const found = known.get(instruction) ?? { value: make(instruction) };
    known.set(instruction, found);
    return found.value;
  };
}

/**
 * What an instruction names in `from`: stages, named contexts, images.
 * @throws FanfoldError `dockerfile.syntax`
 */
export const fromsOf = remembered((instruction): readonly string[] => {
  if (instruction.keyword === 'RUN') return mountFroms(instruction);
  const from = instruction.keyword === 'COPY' ? flagValue(instruction, 'from') : undefined;
  return from ? [from] : [];
});

/**
 * The variables whose values decide what an instruction means, beside what its `from` names and what an ARG is given, each once: all that
 * its texts may read. Undefined where that cannot be told.
 * @throws FanfoldError `dockerfile.syntax`
 */
export const mentionedVariables = remembered((instruction): readonly string[] | undefined => {
  const flags = instruction.flags.map(({ value }) => value ?? '');
  const text = [...flags, ...expandedTexts(instruction)].join('\n');
  const names = [...text.matchAll(plainVariable)].map(([, name = '']) => name);
  const isPlain = names.length === text.split('$').length - 1;
  return isPlain ? [...new Set(names)] : undefined;
});

/** `$NAME`, or the beginning of `${NAME...}`: after every other `$` stands what only the lexer understands. */
const plainVariable = /\$\{?([A-Za-z_][A-Za-z0-9_]*)(?![\p{L}\p{Nd}_])/gu;

/** What of an instruction is expanded, its flags aside; the shell of a RUN, CMD or ENTRYPOINT expands the rest by itself. */
function expandedTexts({ keyword, source, heredocs }: Instruction): readonly string[] {
  switch (keyword) {
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
    case 'SHELL':
    case 'ONBUILD':
      return [];
    default:
      return [source, ...heredocs.map(({ content }) => content)];
  }
}
