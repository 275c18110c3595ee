/** The files that a GitHub job reads after a step: its outputs and its summary. */
import { FanfoldError } from '../base/errors/error.ts';
import type { Host } from '../base/host/host.ts';

/** What these files need of the machine. */
export type GithubFilesHost = Pick<Host, 'env' | 'files' | 'random' | 'secrets'>;

const delimiterBytes = 16;

/**
 * Adds outputs to the GitHub job that this runs in.
 * @throws FanfoldError `usage.invalid` outside of one
 */
export async function addOutputs(outputs: Readonly<Record<string, string>>, host: GithubFilesHost): Promise<void> {
  const file = host.env['GITHUB_OUTPUT'];
  if (file === undefined || file === '') {
    throw new FanfoldError('usage.invalid', 'outputs are given to a GitHub job, and GITHUB_OUTPUT names no file', {
      hint: 'use --format json elsewhere',
    });
  }
  const { githubOutputText } = await import('../plan/matrix-output.ts');
  const delimiter = `fanfold-${Buffer.from(host.random(delimiterBytes)).toString('hex')}`;
  await host.files.append(file, githubOutputText(outputs, delimiter));
}

/** Adds Markdown to the job's summary, where there is one. */
export async function addSummary(markdown: string, host: GithubFilesHost): Promise<void> {
  const file = host.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (file !== '') await host.files.append(file, host.secrets.redact(markdown));
}
