/** One call of the command line, from its arguments to its exit status. */
import { readFileSync } from 'node:fs';
import { exitStatus, FanfoldError, messageOf } from '../base/errors/error.ts';
import { type Host, nodeHost } from '../base/host/host.ts';
import { version } from '../call/version.ts';
import { describeError } from '../report/diagnostics.ts';
import { createStyle, type Style, wantsColour } from '../report/style.ts';
import type { Output, Screen } from './command.ts';
import { type AnyCommand, commandNames, loadCommand } from './commands.ts';
import { createProgram, type Parsed, usageError } from './program.ts';

/** Parses, runs and prints. @returns the exit status */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const host = nodeHost();
  const style = createStyle(wantsColour(process.stderr.isTTY, host.env));
  try {
    const parsed = await parse(argv);
    return parsed === undefined ? 0 : await run(parsed, host, style);
  } catch (error) {
    const wrongUse = usageError(error);
    // Commander has printed wrong use itself.
    if (wrongUse === undefined) process.stderr.write(`${host.secrets.redact(describeError(error, style, textOf))}\n`);
    return exitStatus(wrongUse ?? error);
  } finally {
    await host.http.close();
  }
}

async function parse(argv: readonly string[]): Promise<Parsed | undefined> {
  const [name] = argv;
  const rest = argv.indexOf('--');
  const one = name === undefined ? undefined : await loadCommand(name);
  const commands = one === undefined ? await loadAll() : [one];
  let parsed: Parsed | undefined;
  const program = createProgram(commands, version, (call) => {
    parsed = call;
  });
  if (name === 'complete') {
    const { default: addCompletion } = await import('@bomb.sh/tab/commander');
    addCompletion(program);
  }
  try {
    await program.parseAsync(one?.takesRest === true && rest >= 0 ? argv.slice(0, rest) : argv, { from: 'user' });
  } catch (error) {
    if (usageError(error) === undefined && error instanceof Error && 'exitCode' in error) return undefined;
    throw error;
  }
  if (parsed === undefined || rest < 0 || one?.takesRest !== true) return parsed;
  return { ...parsed, call: { ...parsed.call, rest: argv.slice(rest + 1) } };
}

async function loadAll(): Promise<readonly AnyCommand[]> {
  const loaded = await Promise.all(commandNames.map((name) => loadCommand(name)));
  return loaded.filter((command) => command !== undefined);
}

const goOn = 'call it again to go on: what is built and sent already is not built or sent twice';

async function run(parsed: Parsed, host: Host, style: Style): Promise<number> {
  const stopping = new AbortController();
  const release = stopOnSignals(stopping, style);
  try {
    const result = await parsed.command.run({
      ...parsed.call,
      host,
      signal: stopping.signal,
      output: outputOf(parsed, host, style),
    });
    print(parsed, result, host);
    if (stopping.signal.aborted) process.stderr.write(`${style.cyan('hint')}: ${goOn}\n`);
    return parsed.command.status?.(result) ?? 0;
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    throw new FanfoldError('host.cancelled', messageOf(stopping.signal.reason), {
      hint: goOn,
      cause: error,
    });
  } finally {
    release();
  }
}

function print(parsed: Parsed, result: unknown, host: Host): void {
  const { command } = parsed;
  const style = createStyle(wantsColour(process.stdout.isTTY, host.env));
  const text = parsed.json
    ? JSON.stringify(command.data === undefined ? result : command.data(result), null, 2)
    : command.text(result, style);
  if (text !== '') process.stdout.write(`${host.secrets.redact(text)}\n`);
}

function outputOf(parsed: Parsed, host: Host, style: Style): Output {
  const live = process.stderr.isTTY && (host.env['CI'] ?? '') === '' && host.env['TERM'] !== 'dumb';
  const screen: Screen = {
    write: (text) => process.stderr.write(host.secrets.redact(text)),
    columns: () => process.stderr.columns ?? 80,
    rows: () => process.stderr.rows ?? 24,
  };
  return {
    note: (line) => process.stderr.write(`${host.secrets.redact(line)}\n`),
    style,
    json: parsed.json,
    ...(live ? { screen } : {}),
  };
}

/** The first signal stops what is under way, the second ends the process. */
function stopOnSignals(stopping: AbortController, style: Style): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping.signal.aborted) process.exit(signal === 'SIGINT' ? 130 : 143);
    process.stderr.write(`${style.yellow('stopping')}: no new leg begins and builders end; once more to end at once\n`);
    stopping.abort(new Error(`stopped by ${signal}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return () => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
