import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testRepository } from '../../test/support/repository.ts';
import { type Host, nodeHost } from '../base/host/host.ts';
import { jobHost, parseLogins } from './credentials.ts';

describe('logins', () => {
  test.for<[string, string, readonly (readonly [string, string, string])[]]>([
    ['one', 'ghcr.io ci secret', [['ghcr.io', 'ci', 'secret']]],
    ['a password with blanks', ' ghcr.io  ci  of  the ci \r\n', [['ghcr.io', 'ci', 'of  the ci']]],
    [
      'a port, and capitals',
      '127.0.0.1:5000 ci x\nGHCR.io CI y',
      [
        ['127.0.0.1:5000', 'ci', 'x'],
        ['ghcr.io', 'CI', 'y'],
      ],
    ],
    ['a secret that is not there', 'ghcr.io ci \ndocker.io  \n\n', []],
    ['a user name that is not there', 'docker.io  token', []],
  ])('%s', ([, text, expected]) => {
    expect(parseLogins(text).map(({ host, username, password }) => [host, username, password])).toEqual(expected);
  });

  test('what is no host is told by its line, never by its text', () => {
    expect(() => parseLogins('ghcr.io a b\nhttps://u:hunter2@x y z')).toThrow(
      expect.objectContaining({ code: 'usage.invalid', message: expect.stringMatching(/^line 2 (?!.*hunter2)/) }),
    );
  });
});

async function printed(host: Host, names: readonly string[], env?: Host['env']): Promise<readonly string[]> {
  const script = names.map((name) => `printf '%s\\n' "$${name}"`).join(';');
  const { stdout } = await host.exec.run('sh', ['-c', script], env === undefined ? {} : { env });
  return Buffer.from(stdout).toString().split('\n').slice(0, -1);
}

describe("a job's host", () => {
  test('keeps credentials and inputs from every program that it runs', async () => {
    const env = { PATH: process.env['PATH'] ?? '', INPUT_CREDENTIALS: 'ghcr.io ci hunter22', OTHER: 'kept' };
    await using own = await jobHost({ ...nodeHost(), env }, parseLogins(env.INPUT_CREDENTIALS));
    expect(JSON.parse(own.host.env['FANFOLD_REGISTRY_AUTH'] ?? '')).toEqual({
      'ghcr.io': { username: 'ci', password: 'hunter22' },
    });
    const names = ['FANFOLD_REGISTRY_AUTH', 'INPUT_CREDENTIALS', 'DOCKER_CONFIG', 'OTHER'];
    expect(await printed(own.host, names, own.host.env)).toEqual(['', '', '', 'kept']);
    expect((await printed(own.host, names, undefined)).slice(0, 3)).toEqual(['', '', '']);
    expect(own.host.secrets.redact('hunter22')).toBe('***');
  });

  test('what is given a configuration of its own, as a test is, is lent no login', async () => {
    const seen: unknown[] = [];
    const exec: Host['exec'] = {
      run: async (_program, _args, options = {}) => {
        seen.push(options.env?.['DOCKER_CONFIG']);
        return { status: 0, stdout: new Uint8Array(), stderr: '' };
      },
    };
    const machine: Host = { ...nodeHost(), env: { HOME: '/nowhere' }, exec };
    await using own = await jobHost(machine, parseLogins('docker.io me password'));
    await own.host.exec.run('docker', ['info'], { env: own.host.env });
    await own.host.exec.run('docker', ['info'], { env: { ...own.host.env, DOCKER_CONFIG: '/own' } });
    expect(seen).toEqual([expect.stringMatching(/./), '/own']);
    expect(seen[0]).not.toBe('/own');
  });

  test("docker's configuration holds the logins over those that are there, without the machine's store", async () => {
    using folder = await testRepository();
    folder.write({
      'docker/config.json': JSON.stringify({ credsStore: 'desktop', auths: { 'quay.io': { auth: 'eDp5' } } }),
    });
    const calls: Readonly<Record<string, string>>[] = [];
    const machine: Host = {
      ...nodeHost(),
      env: { DOCKER_CONFIG: join(folder.path, 'docker') },
      exec: {
        run: async (_program, _args, options = {}) => {
          const env = options.env ?? {};
          calls.push(JSON.parse(readFileSync(join(env['DOCKER_CONFIG'] ?? '', 'config.json'), 'utf8')));
          calls.push(env);
          return { status: 0, stdout: new Uint8Array(), stderr: '' };
        },
      },
    };
    await using own = await jobHost(machine, parseLogins('docker.io me pass word'));
    await own.host.exec.run('docker', ['info'], { env: own.host.env });
    expect(calls[0]).toEqual({
      auths: {
        'quay.io': { auth: 'eDp5' },
        'https://index.docker.io/v1/': { auth: Buffer.from('me:pass word').toString('base64') },
      },
      cliPluginsExtraDirs: [join(folder.path, 'docker', 'cli-plugins')],
    });
    expect(calls[1]).toHaveProperty('BUILDX_CONFIG', join(folder.path, 'docker', 'buildx'));
  });
});
