/** `--summary FILE`: what a command came to, in Markdown. */
import { resolve } from 'node:path';
import type { ProjectCall } from '../call/project.ts';
import type { RunResult } from '../call/running.ts';
import { rememberRun } from '../report/run-memory.ts';
import { describeSummary } from '../report/summary.ts';
import type { RunEvent } from '../run/events.ts';

/** Runs something, and adds its summary to the file, where one is named. */
export async function summarized(
  title: string,
  { options, host }: ProjectCall<{ readonly summary: string | undefined }>,
  on: (event: RunEvent) => void,
  run: (on: (event: RunEvent) => void) => Promise<RunResult>,
): Promise<RunResult> {
  if (options.summary === undefined) return await run(on);
  const { on: remember, ...memory } = rememberRun('this machine', () => host.clock.now());
  const result = await run((event) => {
    remember(event);
    on(event);
  });
  const ended = result.kind === 'outcome' ? { outcome: result.outcome } : {};
  const text = describeSummary({ title, plan: result.plan, ...memory, ...ended });
  await host.files.append(resolve(host.cwd, options.summary), host.secrets.redact(text));
  return result;
}
