/** Commands to commander's program: options, help and wrong use. */
import { CommanderError, Option as Flag, InvalidArgumentError, Command as Program } from 'commander';
import { FanfoldError } from '../base/errors/error.ts';
import { type Call, kebabCase, type Option } from './command.ts';
import type { AnyCommand } from './commands.ts';

/** A call as it was parsed. */
export interface Parsed {
  readonly command: AnyCommand;
  readonly call: Pick<Call<Record<string, Option>>, 'options' | 'args' | 'rest'>;
  readonly json: boolean;
}

/** The program of these commands. `onCall` hears which was called. */
export function createProgram(
  commands: readonly AnyCommand[],
  version: string,
  onCall: (parsed: Parsed) => void,
): Program {
  const program = new Program('fanfold')
    .description(
      'Builds and publishes families of multi-platform container images: each platform once, the same bytes everywhere, tags last.',
    )
    .version(version, '-V, --version')
    .showHelpAfterError('(fanfold --help lists the commands)')
    .enablePositionalOptions()
    .exitOverride();
  for (const command of commands) addCommand(program, command, onCall);
  return program;
}

function addCommand(program: Program, command: AnyCommand, onCall: (parsed: Parsed) => void): void {
  const made = program.command(command.name).summary(command.summary).description(describe(command));
  made.exitOverride().showHelpAfterError(`(fanfold ${command.name} --help shows what it takes)`);
  for (const { name, description, required, many } of command.arguments ?? []) {
    const word = `${name}${many === true ? '...' : ''}`;
    made.argument(required === true ? `<${word}>` : `[${word}]`, description);
  }
  if (command.takesRest === true)
    made.argument('[-- command...]', 'the program to run and its arguments').allowExcessArguments();
  for (const [name, option] of Object.entries(command.options)) made.addOption(flagOf(name, option));
  if (command.printsData) made.addOption(new Flag('--json', 'print data as JSON on stdout'));
  made.addHelpText(
    'after',
    `\n${command.examples.length > 1 ? 'Examples' : 'Example'}:\n${command.examples.map((line) => `  ${line}`).join('\n')}`,
  );
  made.action(() => onCall(parsedOf(command, made)));
}

function describe(command: AnyCommand): string {
  return command.details === undefined ? command.summary : `${command.summary}\n\n${command.details}`;
}

function flagOf(name: string, option: Option): Flag {
  const long = `--${kebabCase(name)}`;
  const names = option.short === undefined ? long : `-${option.short}, ${long}`;
  switch (option.kind) {
    case 'boolean':
      return new Flag(names, option.description).default(false, 'no');
    case 'string': {
      const flag = new Flag(`${names} <${option.value}>`, option.description);
      return option.choices === undefined ? flag : flag.choices([...option.choices]);
    }
    case 'strings':
      return new Flag(`${names} <${option.value}>`, `${option.description}; may be repeated`)
        .default([], 'none')
        .argParser((value: string, before: readonly string[]) => [...before, value]);
    case 'integer':
      return new Flag(`${names} <${option.value}>`, option.description).argParser(parseInteger);
    default:
      return option satisfies never;
  }
}

function parseInteger(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 is expected');
  return Number(text);
}

function parsedOf(command: AnyCommand, made: Program): Parsed {
  const { json, ...options } = made.opts<Record<string, never>>();
  return { command, call: { options, args: made.args, rest: [] }, json: json === true };
}

/** Commander's own error as ours; undefined where it only showed help or the version. */
export function usageError(error: unknown): FanfoldError | undefined {
  if (!(error instanceof CommanderError) || error.exitCode === 0) return undefined;
  return new FanfoldError('usage.invalid', error.message.replace(/^error: /, ''), { cause: error });
}
