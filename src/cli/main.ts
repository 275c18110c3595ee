/** The door: parse, import one command, run it, exit status. */
import { exitStatus } from '../base/errors/error.ts';
import { version } from '../call/version.ts';

/** Runs the command line; sets `process.exitCode`: 0 done, 1 failed, 2 wrong use or configuration. */
async function main(argv: readonly string[]): Promise<void> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.stdout.write(`${version}\n`);
    return;
  }
  const { runCommandLine } = await import('./run-command-line.ts');
  process.exitCode = await runCommandLine(argv);
}

// A reader that goes away (fanfold ... | head) ends the output, not the work.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`fanfold: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = exitStatus(error);
});
