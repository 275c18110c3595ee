/** An instruction to the action that it asks for: its arguments checked, split and expanded as BuildKit does. */
import type { ActionContext, Expander } from './action-context.ts';
import { copyAction } from './copy-action.ts';
import { healthcheckAction } from './healthcheck.ts';
import { heredocHead } from './heredoc.ts';
import type { EscapeCharacter } from './instruction.ts';
import { flagValue, type Instruction } from './instruction.ts';
import type { Keyword } from './keywords.ts';
import { mistake } from './mistake.ts';
import { readMounts } from './mounts.ts';
import { expandPorts } from './ports.ts';
import { isSignal } from './signal.ts';
import type { CommandLine, Pair, StepAction } from './step.ts';
import { splitSpaces, splitWords } from './words.ts';

/** FROM's arguments as written. */
export interface FromArguments {
  readonly base: string;
  /** In lower case. */
  readonly name?: string;
  readonly platform?: string;
}

/**
 * The action of an instruction, FROM excepted (`readFrom`). ARG's values are not expanded here, for build arguments come first.
 * @throws FanfoldError `dockerfile.syntax`, `dockerfile.expansion`; without a place
 */
export function makeAction(instruction: Instruction, context: ActionContext): StepAction {
  const make = makers[instruction.keyword as Keyword];
  return make(instruction, context, context.expander ?? asWritten);
}

/**
 * FROM's arguments.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function readFrom(instruction: Instruction): FromArguments {
  const [base, as, written, ...more] = splitSpaces(instruction.rest);
  if (base === undefined || more.length > 0 || (as !== undefined && written === undefined)) {
    throw mistake('FROM takes an image, or an image, AS and a name', 'write FROM image AS name');
  }
  if (as !== undefined && as.toLowerCase() !== 'as') throw mistake(`FROM has ${as} in place of AS`, 'write AS');
  const name = written?.toLowerCase();
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name)) {
    throw mistake(`${written} cannot name a stage`, 'begin with a letter and go on with letters, digits, - _ .');
  }
  const platform = flagValue(instruction, 'platform');
  return { base, ...(name !== undefined && { name }), ...(platform !== undefined && { platform }) };
}

type Maker = (instruction: Instruction, context: ActionContext, expander: Expander) => StepAction;

const asWritten: Expander = { word: (text) => text, words: (text) => [text], body: (text) => text };

const makers: Readonly<Record<Keyword, Maker>> = {
  ADD: copyAction,
  ARG: (instruction, context) => ({ kind: 'arg', args: readArgs(instruction, context.escapeCharacter) }),
  CMD: (instruction) => ({ kind: 'cmd', command: commandOf(instruction) }),
  COPY: copyAction,
  ENTRYPOINT: (instruction) => ({ kind: 'entrypoint', command: commandOf(instruction) }),
  ENV: (instruction, context, expander) => ({ kind: 'env', pairs: readPairs(instruction, context, expander) }),
  EXPOSE: exposeAction,
  FROM: (instruction) => {
    readFrom(instruction);
    return { kind: 'arg', args: [] };
  },
  HEALTHCHECK: healthcheckAction,
  LABEL: (instruction, context, expander) => ({ kind: 'label', pairs: readPairs(instruction, context, expander) }),
  MAINTAINER: (instruction) => ({ kind: 'maintainer', name: whole(instruction) }),
  ONBUILD: onbuildAction,
  RUN: runAction,
  SHELL: shellAction,
  STOPSIGNAL: stopsignalAction,
  USER: (instruction, _, expander) => ({ kind: 'user', user: expander.word(whole(instruction)) }),
  VOLUME: volumeAction,
  WORKDIR: (instruction, _, expander) => ({ kind: 'workdir', path: expander.word(whole(instruction)) }),
};

function whole(instruction: Instruction): string {
  if (instruction.rest === '') throw mistake(`${instruction.keyword} needs exactly one argument`);
  return instruction.rest;
}

function commandOf(instruction: Instruction): CommandLine {
  if (instruction.exec !== undefined) return { form: 'exec', argv: instruction.exec };
  return { form: 'shell', text: instruction.rest };
}

/** What an ARG declares. */
export function readArgs(instruction: Instruction, escapeCharacter: EscapeCharacter) {
  const words = splitWords(instruction.rest, escapeCharacter);
  if (words.length === 0) throw mistake('ARG needs at least one argument');
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals === 0) throw mistake('ARG has a value without a name');
    return equals < 0
      ? { name: word, value: undefined }
      : { name: word.slice(0, equals), value: word.slice(equals + 1) };
  });
}

function readPairs(instruction: Instruction, context: ActionContext, expander: Expander): readonly Pair[] {
  const { keyword, rest } = instruction;
  const words = splitWords(rest, context.escapeCharacter);
  if (words[0] === undefined) throw mistake(`${keyword} needs at least one argument`);
  const expanded = (name: string, value: string): Pair => ({ name: expander.word(name), value: expander.word(value) });
  // The old form: a name, a space, and all the rest.
  if (!words[0].includes('=')) {
    const [, name, value] = /^([^\t\v\f\r ]+)[\t\v\f\r ]+(.+)$/s.exec(rest) ?? [];
    if (name === undefined || value === undefined)
      throw mistake(`${keyword} needs a name and a value`, 'write name=value');
    return [expanded(name, value)];
  }
  return words.map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) throw mistake(`${JSON.stringify(word)} has no =`, 'write name=value, and quote values with spaces');
    if (equals === 0) throw mistake(`${keyword} has a value without a name`);
    return expanded(word.slice(0, equals), word.slice(equals + 1));
  });
}

function exposeAction(instruction: Instruction, context: ActionContext, expander: Expander): StepAction {
  const words = [...splitSpaces(instruction.rest)].sort();
  if (words.length === 0) throw mistake('EXPOSE needs at least one argument');
  const ports = words.flatMap((word) => expander.words(word));
  return { kind: 'expose', ports: context.expander === undefined ? ports : ports.flatMap(expandPorts) };
}

function stopsignalAction(instruction: Instruction, context: ActionContext, expander: Expander): StepAction {
  const signal = expander.word(whole(instruction));
  if (context.expander !== undefined && !isSignal(signal)) {
    throw mistake(`${JSON.stringify(signal)} is no signal`, 'write it as SIGTERM or 15');
  }
  return { kind: 'stopsignal', signal };
}

function volumeAction(instruction: Instruction, _: ActionContext, expander: Expander): StepAction {
  const paths = (instruction.exec ?? splitSpaces(instruction.rest)).map((path) => path.trim());
  if (paths.length === 0) throw mistake('VOLUME needs at least one argument');
  const expanded = paths.map((path) => expander.word(path));
  if (expanded.includes('')) throw mistake('VOLUME has an empty path');
  return { kind: 'volume', paths: expanded };
}

function shellAction(instruction: Instruction): StepAction {
  if (instruction.exec === undefined) throw mistake('SHELL takes a JSON array only', 'write SHELL ["/bin/sh", "-c"]');
  if (instruction.exec.length === 0) throw mistake('SHELL needs at least one argument');
  return { kind: 'shell', argv: instruction.exec };
}

function onbuildAction(instruction: Instruction): StepAction {
  const { trigger } = instruction;
  if (trigger === undefined) throw mistake('ONBUILD needs an instruction');
  if (['ONBUILD', 'FROM', 'MAINTAINER'].includes(trigger.keyword)) {
    throw mistake(`${trigger.keyword} cannot stand after ONBUILD`);
  }
  const bodies = trigger.heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`);
  return { kind: 'onbuild', expression: trigger.source + bodies.join('') };
}

function runAction(instruction: Instruction, context: ActionContext, expander: Expander): StepAction {
  const network = flagValue(instruction, 'network');
  const security = flagValue(instruction, 'security');
  return {
    kind: 'run',
    command: runCommand(instruction),
    mounts: readMounts(instruction, context, expander),
    ...(network !== undefined && { network }),
    ...(security !== undefined && { security }),
  };
}

// A lone heredoc is the script itself; others go to the shell as they are written.
function runCommand(instruction: Instruction): CommandLine {
  const { heredocs, rest } = instruction;
  const [first] = heredocs;
  if (first === undefined) return commandOf(instruction);
  if (heredocHead(rest) !== undefined) {
    return { form: 'shell', text: first.strip ? first.content.replace(/^\t+/gm, '') : first.content };
  }
  return { form: 'shell', text: rest + heredocs.map((heredoc) => `\n${heredoc.content}${heredoc.name}`).join('') };
}
