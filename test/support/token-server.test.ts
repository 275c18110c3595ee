// A real registry takes the tokens of the test's server, and only those that allow what is asked.

import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dockerConfigText, environmentForPeers, needs, requirePeer } from './peers.ts';
import { randomImage, writeLayout } from './random-image.ts';
import { startRegistry } from './registry.ts';
import { run } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { startTokenServer } from './token-server.ts';

describe.runIf(needs('docker-registry', 'crane', 'skopeo', 'openssl'))('startTokenServer', () => {
  test('gives push to the login and pull to everybody', async () => {
    await using tokens = await startTokenServer({ login: { username: 'ada', password: 'secret' } });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    using folder = temporaryFolder('token');
    writeLayout(folder.path, randomImage('token'));
    const target = `docker://${registry.host}/app:latest`;
    const copy = ['copy', '--dest-tls-verify=false', `oci:${folder.path}:latest`, target];
    const skopeo = (...login: string[]) =>
      run(requirePeer('skopeo'), [...copy, ...login], { env: environmentForPeers() });
    expect((await skopeo()).status).not.toBe(0);
    expect((await skopeo('--dest-creds', 'ada:wrong')).stderr).toMatch(/unauthorized|invalid username/i);
    expect(await skopeo('--dest-creds', 'ada:secret')).toMatchObject({ status: 0 });
    const crane = await run(requirePeer('crane'), ['manifest', '--insecure', `${registry.host}/app:latest`], {
      env: { ...environmentForPeers(), DOCKER_CONFIG: folder.path },
    });
    expect(crane).toMatchObject({ status: 0, stderr: '' });
    expect(tokens.requests()).toContainEqual(
      expect.objectContaining({ username: 'ada', status: 200, scopes: ['repository:app:pull,push'] }),
    );
    expect(tokens.requests().some((request) => request.status === 401)).toBe(true);
  });

  test('gives the engine push by its Docker configuration', async () => {
    await using tokens = await startTokenServer({ login: { username: 'ada', password: 'secret' } });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    using folder = temporaryFolder('token');
    mkdirSync(`${folder.path}/config`);
    const auth = Buffer.from('ada:secret').toString('base64');
    writeFileSync(`${folder.path}/config/config.json`, dockerConfigText({ [registry.host]: { auth } }));
    writeFileSync(`${folder.path}/Dockerfile`, 'FROM scratch\nCOPY Dockerfile /\n');
    const output = `type=image,name=${registry.host}/app,push-by-digest=true,push=true`;
    const env = { ...environmentForPeers(), DOCKER_CONFIG: `${folder.path}/config` };
    const built = await run(requirePeer('docker'), ['buildx', 'build', '--output', output, folder.path], { env });
    expect(built).toMatchObject({ status: 0 });
  });

  test('an expired token is refused, the next one taken', async () => {
    await using tokens = await startTokenServer({ lifetimeSeconds: (nth) => (nth === 1 ? -120 : 300) });
    await using registry = await startRegistry({ auth: tokens.registryAuth });
    const catalog = async (): Promise<number> => {
      const query = 'service=fanfold-test-registry&scope=registry:catalog:*';
      const answer = await fetch(`${tokens.realm}?${query}`);
      const { token } = (await answer.json()) as { token: string };
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`http://${registry.host}/v2/_catalog`, { headers })).status;
    };
    expect(await catalog()).toBe(401);
    expect(await catalog()).toBe(200);
  });
});
