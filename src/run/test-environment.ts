/** What a test finds in its environment: its image, and no login that Fanfold has. */
import { join } from 'node:path';
import type { Host } from '../base/host/host.ts';

/** An environment, and the folder that is taken away with it. */
export interface TestEnvironment extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
}

/** Logins, tokens of the job, and files through which a step steers the ones behind it. */
const withheld = new Set([
  'DOCKER_AUTH_CONFIG',
  'GITHUB_TOKEN',
  'ACTIONS_RUNTIME_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'CI_JOB_TOKEN',
  'CI_REGISTRY_PASSWORD',
  'GITHUB_ENV',
  'GITHUB_OUTPUT',
  'GITHUB_PATH',
  'GITHUB_STATE',
]);

/** The machine's environment with `told` over it; container programs find a configuration without logins instead of the machine's. */
export async function testEnvironment(
  { env, files }: Pick<Host, 'env' | 'files'>,
  told: Readonly<Record<string, string>>,
): Promise<TestEnvironment> {
  const folder = await files.temporaryFolder('test');
  const standing = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '/', '.docker');
  const config = join(folder.path, 'config.json');
  await files.replace(config, JSON.stringify({ auths: {}, cliPluginsExtraDirs: [join(standing, 'cli-plugins')] }));
  const rest = Object.entries(env).filter(([name]) => !withheld.has(name) && !name.startsWith('INPUT_'));
  return {
    env: { ...Object.fromEntries(rest), ...told, DOCKER_CONFIG: folder.path, REGISTRY_AUTH_FILE: config },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
