import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../../test/support/temporary-folder.ts';
import { nodeHost } from '../../../base/host/host.ts';
import { type CredentialHost, findCredentials } from './credentials.ts';

const auth = (text: string): string => Buffer.from(text).toString('base64');

describe('findCredentials', () => {
  let folder: TemporaryFolder;
  beforeEach(() => {
    folder = temporaryFolder('credentials');
  });
  afterEach(() => folder[Symbol.dispose]());

  const machine = (config: unknown, env: Record<string, string> = {}): CredentialHost => {
    mkdirSync(join(folder.path, 'docker'), { recursive: true });
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    if (config !== undefined) writeFileSync(join(folder.path, 'docker', 'config.json'), text);
    const path = `${folder.path}:${process.env['PATH'] ?? ''}`;
    return { ...nodeHost(), env: { DOCKER_CONFIG: join(folder.path, 'docker'), PATH: path, ...env } };
  };
  /** A real program, as a credential helper is. */
  const helper = (name: string, script: string): void => {
    const path = join(folder.path, `docker-credential-${name}`);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
  };
  const ada = { kind: 'basic', username: 'ada', password: 'se:cret' };

  test.for([
    { name: 'the host itself', key: 'ghcr.io', host: 'ghcr.io' },
    { name: 'https and the host', key: 'https://ghcr.io', host: 'ghcr.io' },
    { name: 'the old form with a version', key: 'https://ghcr.io/v1/', host: 'ghcr.io' },
    { name: 'a host with a port', key: '127.0.0.1:5000', host: '127.0.0.1:5000' },
    { name: "Docker Hub's own name", key: 'https://index.docker.io/v1/', host: 'docker.io' },
    { name: 'Docker Hub by its short name', key: 'docker.io', host: 'docker.io' },
  ])('$name is found', async ({ key, host }) => {
    expect(await findCredentials(host, machine({ auths: { [key]: { auth: auth('ada:se:cret') } } }))).toEqual(ada);
  });

  test.for([
    { name: 'a host that ends alike', key: 'evil-ghcr.io', host: 'ghcr.io' },
    { name: 'a host that begins alike', key: 'ghcr.io.evil.com', host: 'ghcr.io' },
    { name: 'a host above', key: 'io', host: 'ghcr.io' },
    { name: 'a host below', key: 'a.ghcr.io', host: 'ghcr.io' },
    { name: 'another port', key: '127.0.0.1:5000', host: '127.0.0.1:5001' },
    { name: 'the host without its port', key: '127.0.0.1', host: '127.0.0.1:5000' },
    { name: 'a path of the host', key: 'ghcr.io/acme', host: 'ghcr.io' },
    { name: 'a property of every object', key: 'x', host: 'constructor' },
  ])('$name is not', async ({ key, host }) => {
    expect(await findCredentials(host, machine({ auths: { [key]: { auth: auth('ada:secret') } } }))).toBeUndefined();
  });

  test('no configuration, no credentials', async () => {
    expect(await findCredentials('ghcr.io', machine(undefined))).toBeUndefined();
    expect(await findCredentials('ghcr.io', machine({}))).toBeUndefined();
    expect(await findCredentials('ghcr.io', machine({ auths: { 'ghcr.io': {} } }))).toBeUndefined();
  });

  test('an identity token', async () => {
    const config = { auths: { 'acr.example.com': { auth: auth('0000:'), identitytoken: 'long-token' } } };
    expect(await findCredentials('acr.example.com', machine(config))).toEqual({
      kind: 'identity',
      token: 'long-token',
    });
  });

  test('HOME, where DOCKER_CONFIG is not set', async () => {
    mkdirSync(join(folder.path, '.docker'));
    const auths = { 'ghcr.io': { username: 'ada', password: 'se:cret' } };
    writeFileSync(join(folder.path, '.docker', 'config.json'), JSON.stringify({ auths }));
    const host = { ...nodeHost(), env: { HOME: folder.path } };
    expect(await findCredentials('ghcr.io', host)).toEqual(ada);
  });

  test('the environment comes first, in two forms, by exact host', async () => {
    const config = { auths: { 'ghcr.io': { auth: auth('config:other') } } };
    const inEnvironment = JSON.stringify({ 'ghcr.io': { auth: auth('ada:se:cret') } });
    const host = machine(config, { FANFOLD_REGISTRY_AUTH: inEnvironment });
    expect(await findCredentials('ghcr.io', host)).toEqual(ada);
    expect(await findCredentials('quay.io', host)).toBeUndefined();
    const nested = machine(config, { FANFOLD_REGISTRY_AUTH: JSON.stringify({ auths: JSON.parse(inEnvironment) }) });
    expect(await findCredentials('ghcr.io', nested)).toEqual(ada);
  });

  test('a helper of the host is asked before the store, with the host on stdin alone', async () => {
    helper(
      'own',
      `[ "$*" = get ] || exit 9; read -r host; echo "{\\"Username\\":\\"ada\\",\\"Secret\\":\\"for-$host\\"}"`,
    );
    helper('all', 'exit 7');
    const host = machine({ credHelpers: { 'ghcr.io': 'own' }, credsStore: 'all' });
    expect(await findCredentials('ghcr.io', host)).toEqual({ kind: 'basic', username: 'ada', password: 'for-ghcr.io' });
    await expect(findCredentials('quay.io', host)).rejects.toMatchObject({ code: 'registry.credentials' });
  });

  test("the store is asked for Docker Hub's own name, and may give an identity token", async () => {
    helper('all', `read -r host; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"for-$host\\"}"`);
    const found = await findCredentials('docker.io', machine({ credsStore: 'all' }));
    expect(found).toEqual({ kind: 'identity', token: 'for-https://index.docker.io/v1/' });
  });

  test('a helper that knows of no login leaves it to auths', async () => {
    helper('none', 'echo "credentials not found in native keychain"; exit 1');
    const config = { credsStore: 'none', auths: { 'ghcr.io': { auth: auth('ada:se:cret') } } };
    expect(await findCredentials('ghcr.io', machine(config))).toEqual(ada);
    expect(await findCredentials('quay.io', machine(config))).toBeUndefined();
  });

  test.for([
    { name: 'no JSON', config: '{"auths": {"ghcr.io": {"auth": "c2VjcmV0' },
    { name: 'a list', config: '[]' },
    { name: 'an auth that is no user and password', config: { auths: { 'ghcr.io': { auth: auth('alone') } } } },
    { name: 'a helper named by a path', config: { credsStore: '../../bin/sh' } },
    { name: 'a helper that is not installed', config: { credsStore: 'nowhere-at-all' }, code: 'host.program' },
  ])('$name is an error that quotes nothing of it', async ({ config, code = 'registry.credentials' }) => {
    const looking = findCredentials('ghcr.io', machine(config));
    await expect(looking).rejects.toMatchObject({ code });
    await expect(looking).rejects.not.toThrow(/c2VjcmV0|alone/);
  });

  test('every secret is made known, also as it stands in a header', async () => {
    const host = machine({ auths: { 'ghcr.io': { auth: auth('ada:se:cret') } } });
    await findCredentials('ghcr.io', host);
    expect(host.secrets.redact(`se:cret ${auth('ada:se:cret')}`)).toBe('*** ***');
  });
});
