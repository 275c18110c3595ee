/** Credentials by exact host: the environment, then Docker's config.json with its credential helpers. */
import { join } from 'node:path';
import { FanfoldError, messageOf } from '../../../base/errors/error.ts';
import type { Cancel } from '../../../base/host/cancel.ts';
import { loginsVariable } from '../../../base/host/exec.ts';
import type { Host } from '../../../base/host/host.ts';
import { parseJson } from '../../oci/json.ts';

/** What an account proves itself with: a password, or an identity token that is exchanged for access tokens. */
export type Credentials =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'identity'; readonly token: string };

/** The parts of the host that credentials come from. */
export type CredentialHost = Pick<Host, 'env' | 'exec' | 'files' | 'secrets'>;

const maxConfigBytes = 1024 * 1024;

/**
 * The credentials for `host` as references name it; undefined where there are none. Every secret is made known to `host.secrets`.
 * @throws FanfoldError `registry.credentials` where a configuration is broken or a helper fails
 */
export async function findCredentials(
  host: string,
  machine: CredentialHost,
  cancel: Cancel = {},
): Promise<Credentials | undefined> {
  const found = fromEnvironment(host, machine) ?? (await fromDockerConfig(host, machine, cancel));
  if (found === undefined) return undefined;
  machine.secrets.add(found.kind === 'basic' ? found.password : found.token);
  if (found.kind === 'basic') {
    machine.secrets.add(Buffer.from(`${found.username}:${found.password}`).toString('base64'));
  }
  return found;
}

function fromEnvironment(host: string, machine: CredentialHost): Credentials | undefined {
  const text = machine.env[loginsVariable];
  if (text === undefined || text === '') return undefined;
  machine.secrets.add(text);
  const fields = parseObject(text, loginsVariable);
  return fromAuths(host, 'auths' in fields ? objectField(fields, 'auths') : fields, loginsVariable);
}

async function fromDockerConfig(
  host: string,
  machine: CredentialHost,
  cancel: Cancel,
): Promise<Credentials | undefined> {
  const folder = machine.env['DOCKER_CONFIG'] ?? join(machine.env['HOME'] ?? '/', '.docker');
  const path = join(folder, 'config.json');
  if ((await machine.files.kindOf(path)) === undefined) return undefined;
  const config = parseObject(await machine.files.readText(path, maxConfigBytes), path);
  const helper = helperFor(host, config);
  if (helper !== undefined) {
    const told = await askHelper(helper, host, machine, cancel);
    if (told !== undefined) return told;
  }
  return fromAuths(host, objectField(config, 'auths'), path);
}

function helperFor(host: string, config: Fields): string | undefined {
  const helpers = objectField(config, 'credHelpers');
  const named = namesOf(host)
    .map((name) => helpers[name])
    .find((name) => typeof name === 'string' && name !== '');
  const helper = named ?? config['credsStore'];
  return typeof helper === 'string' && helper !== '' ? helper : undefined;
}

const helperForm = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const helperOutputBytes = 1024 * 1024;

/** Docker's protocol: the server's name on stdin, JSON on stdout; `<token>` as the user marks an identity token. */
async function askHelper(
  helper: string,
  host: string,
  machine: CredentialHost,
  cancel: Cancel,
): Promise<Credentials | undefined> {
  const program = `docker-credential-${helper}`;
  if (!helperForm.test(helper)) throw broken(program, 'its name is not that of a helper');
  const input = namesOf(host)[0] ?? host;
  const options = { input, env: machine.env, maxOutputBytes: helperOutputBytes };
  const ended = await machine.exec.run(program, ['get'], options, cancel);
  const text = Buffer.from(ended.stdout).toString('utf8');
  if (ended.status !== 0) {
    // Helpers write this sentence, and status 1, where they know of no login.
    if (/credentials not found/i.test(text + ended.stderr)) return undefined;
    throw broken(program, `it ended with status ${ended.status} for ${host}`);
  }
  const told = parseObject(text, program);
  const [username, secret] = [told['Username'], told['Secret']];
  if (typeof username !== 'string' || typeof secret !== 'string')
    throw broken(program, 'it told no Username and Secret');
  if (secret === '') return undefined;
  return username === '<token>' ? { kind: 'identity', token: secret } : basic(username, secret);
}

function fromAuths(host: string, auths: Fields, where: string): Credentials | undefined {
  for (const name of namesOf(host)) {
    if (!Object.hasOwn(auths, name)) continue;
    const found = fromEntry(objectField(auths, name), `${where}: auths[${JSON.stringify(name)}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fromEntry(entry: Fields, where: string): Credentials | undefined {
  const { identitytoken, username, password, auth } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') return { kind: 'identity', token: identitytoken };
  if (typeof auth === 'string' && auth !== '') {
    const [, name, secret] = /^([^:]*):([\s\S]*)$/.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? [];
    if (name === undefined || secret === undefined) throw broken(where, 'its auth is not user:password in base64');
    return basic(name, secret.replace(/\0+$/, ''));
  }
  return typeof username === 'string' && typeof password === 'string' ? basic(username, password) : undefined;
}

/** The names under which a login for `host` may stand, in the order of their weight: this host's and no other's. */
function namesOf(host: string): readonly string[] {
  const forms = (name: string): string[] => [
    name,
    `https://${name}`,
    `https://${name}/`,
    `https://${name}/v1/`,
    `https://${name}/v2/`,
    `http://${name}`,
  ];
  if (host !== 'docker.io') return forms(host);
  return ['https://index.docker.io/v1/', ...forms('index.docker.io'), ...forms('docker.io')];
}

function basic(username: string, password: string): Credentials {
  return { kind: 'basic', username, password };
}

type Fields = Readonly<Record<string, unknown>>;

function objectField(fields: Fields, name: string): Fields {
  const value = fields[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function parseObject(text: string, where: string): Fields {
  let value: unknown;
  try {
    value = parseJson(Buffer.from(text), where);
  } catch (error) {
    // The text may hold secrets, and a parser's message quotes it.
    throw broken(where, messageOf(error).includes('nested') ? 'it is nested too deep' : 'it is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw broken(where, 'it is no JSON object');
  return value as Fields;
}

function broken(where: string, why: string): FanfoldError {
  return new FanfoldError('registry.credentials', `${where} gives no credentials: ${why}`, {
    hint: 'put it right, or log in again with docker login',
  });
}
