/** The action's door: inputs in, outputs, annotations and the exit status out. */

import { exitStatus } from '../base/errors/error.ts';
import { type Host, nodeHost } from '../base/host/host.ts';
import { annotateError } from '../ci/annotations.ts';
import { createJobLog, type JobLog } from '../ci/github/log.ts';
import { parseInputs } from '../ci/job-inputs.ts';
import { runJob } from '../ci/run-job.ts';
import { describeError } from '../report/diagnostics.ts';
import { createStyle } from '../report/style.ts';

// A log shows colours, but what a log is searched for has none.
const style = createStyle(false);

/** Runs the job that the inputs describe; sets `process.exitCode`. */
async function main(): Promise<void> {
  const host = nodeHost();
  const log = createJobLog((text) => void process.stdout.write(text), host.random, host.secrets);
  const stopping = new AbortController();
  const stop = (signal: NodeJS.Signals): void => stopping.abort(new Error(`stopped by ${signal}`));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const inputs = parseInputs((name) => inputOf(name, host.env));
    // What this process starts inherits its environment in places where none is given: the inputs, credentials among them, are in none.
    for (const name of Object.keys(process.env)) if (name.startsWith('INPUT_')) delete process.env[name];
    process.exitCode = await runJob(inputs, host, log, style, { signal: stopping.signal });
  } catch (error) {
    tellFailure(error, log, host);
    process.exitCode = exitStatus(error);
  } finally {
    log.end();
    await host.http.close();
  }
}

function tellFailure(error: unknown, log: JobLog, host: Host): void {
  log.ungroup();
  log.note(describeError(error, style, () => undefined));
  annotateError(error, host.env['GITHUB_WORKSPACE'] ?? host.cwd, { log, host });
}

/** As the runner names inputs: blanks become `_`, all in upper case, hyphens as they are. */
function inputOf(name: string, env: Readonly<Record<string, string>>): string {
  return (env[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim();
}

main().catch((error: unknown) => {
  process.stdout.write(`fanfold: ${error instanceof Error ? error.name : 'error'}\n`);
  process.exitCode = 1;
});
