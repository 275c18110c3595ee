/** The credentials of one job: read from an input, known to this process alone, lent to a builder's own logins and to nothing that it runs. */
import { join } from 'node:path';
import { FanfoldError } from '../base/errors/error.ts';
import type { Exec } from '../base/host/exec.ts';
import { loginsVariable } from '../base/host/exec.ts';
import type { Host } from '../base/host/host.ts';

/** A login of a registry. */
export interface Login {
  readonly host: string;
  readonly username: string;
  readonly password: string;
}

/**
 * A login a line: HOST USERNAME PASSWORD, the rest of the line being the password. A line without a password is that of a secret that is not
 * there (a fork's pull request), and gives none.
 * @throws FanfoldError `usage.invalid` naming the line by its number, never its text
 */
export function parseLogins(text: string): readonly Login[] {
  return text.split('\n').flatMap((line, place) => {
    const [host = '', username = '', ...rest] = line.trim().split(/[ \t]+/);
    if (host === '') return [];
    const password = line.trim().replace(/^\S+[ \t]+\S+[ \t]*/, '');
    if (!/^[\w.-]+(?::\d+)?$|^\[[0-9a-f:]+\](?::\d+)?$/i.test(host)) {
      throw new FanfoldError('usage.invalid', `line ${place + 1} of the credentials begins with no registry's host`, {
        hint: 'write HOST USERNAME PASSWORD, a registry to each line',
      });
    }
    return username === '' || rest.length === 0 || password === ''
      ? []
      : [{ host: host.toLowerCase(), username, password }];
  });
}

/** A host for one job, and what must be taken away after it. */
export interface JobHost extends AsyncDisposable {
  readonly host: Host;
}

/**
 * The machine as a job sees it: `logins` in FANFOLD_REGISTRY_AUTH for Fanfold's own requests, and in a configuration of their own for `docker`,
 * whose client reads private bases and staging. No program inherits the variable (`base/host/exec.ts`), or the action's inputs.
 */
export async function jobHost(machine: Host, logins: readonly Login[]): Promise<JobHost> {
  for (const { username, password } of logins) {
    machine.secrets.add(password);
    machine.secrets.add(Buffer.from(`${username}:${password}`).toString('base64'));
  }
  const env = Object.fromEntries(Object.entries(machine.env).filter(([name]) => !isOwn(name)));
  if (logins.length === 0)
    return { host: withPrivateEnvironment(machine, env, {}), [Symbol.asyncDispose]: async () => {} };
  const auths = Object.fromEntries(logins.map(({ host, username, password }) => [host, { username, password }]));
  const folder = await machine.files.temporaryFolder('docker');
  const docker = await dockerConfiguration(machine, logins, folder.path);
  const own = { ...env, [loginsVariable]: JSON.stringify(auths) };
  return {
    host: withPrivateEnvironment(machine, own, docker),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function isOwn(name: string): boolean {
  return name.startsWith('INPUT_');
}

/** Docker's variables are given to `docker` alone. */
function withPrivateEnvironment(
  machine: Host,
  env: Readonly<Record<string, string>>,
  docker: Readonly<Record<string, string>>,
): Host {
  const exec: Exec = {
    run(program, args, options = {}, cancel = {}) {
      // Who gives a configuration of its own (a test, which is lent no login) keeps it.
      const isOwnChoice = options.env !== undefined && options.env['DOCKER_CONFIG'] !== machine.env['DOCKER_CONFIG'];
      const more = program === 'docker' && !isOwnChoice ? docker : {};
      return machine.exec.run(program, args, { ...options, env: { ...(options.env ?? env), ...more } }, cancel);
    },
  };
  return { ...machine, env, exec };
}

const maxConfigBytes = 1024 * 1024;

/** A configuration of Docker's client with the logins over those that are there; its plugins and builders stay where they are. */
async function dockerConfiguration(
  { env, files }: Host,
  logins: readonly Login[],
  folder: string,
): Promise<Readonly<Record<string, string>>> {
  const standing = env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? '/', '.docker');
  const path = join(standing, 'config.json');
  const config = (await files.kindOf(path)) === 'file' ? configOf(await files.readText(path, maxConfigBytes)) : {};
  const auths = logins.map(({ host, username, password }) => [
    host === 'docker.io' ? 'https://index.docker.io/v1/' : host,
    { auth: Buffer.from(`${username}:${password}`).toString('base64') },
  ]);
  // A store of the machine would be asked instead of what stands in the file.
  const { credsStore: _store, ...rest } = config;
  const plugins = [join(standing, 'cli-plugins'), ...listOf(config['cliPluginsExtraDirs'])];
  await files.replace(
    join(folder, 'config.json'),
    JSON.stringify({
      ...rest,
      auths: { ...mapOf(config['auths']), ...Object.fromEntries(auths) },
      cliPluginsExtraDirs: plugins,
    }),
  );
  return { DOCKER_CONFIG: folder, BUILDX_CONFIG: env['BUILDX_CONFIG'] ?? join(standing, 'buildx') };
}

function configOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return mapOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
