// No secret reaches a log, a layer, a record, a report, an argument list, or a host that it is not for.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { familyYaml, testFamily } from '../support/family.ts';
import { needs } from '../support/peers.ts';
import { startRegistry } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const login = { username: 'robot', password: 'pass-word-of-9-secrets' };
const forms = [
  login.password,
  Buffer.from(`${login.username}:${login.password}`).toString('base64'),
  encodeURIComponent(login.password),
];

/** A Docker configuration that is logged in to one host. */
function dockerConfig(folder: string, host: string): string {
  const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [host]: { auth } } }));
  return folder;
}

/** Everything in a folder, as one text. */
function allText(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
}

/** A host on loopback that notes what it is sent, and answers each request by `answer`. */
async function listen(
  answer: (path: string, authorized: boolean) => { status: number; headers?: Record<string, string> },
) {
  const seen: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((incoming, out) => {
    const path = incoming.url ?? '';
    seen.push({ path, headers: incoming.headers });
    const { status, headers = {} } = answer(path, incoming.headers.authorization !== undefined);
    incoming.resume();
    out.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { host, seen, [Symbol.asyncDispose]: close };
}

describe.runIf(needs('docker-registry'))('no secret leaks from a run', () => {
  const givenBy: { readonly name: string; readonly env: (folder: string, host: string) => Record<string, string> }[] = [
    { name: "Docker's configuration", env: (folder, host) => ({ DOCKER_CONFIG: dockerConfig(folder, host) }) },
    { name: 'the environment', env: (_, host) => ({ FANFOLD_REGISTRY_AUTH: JSON.stringify({ [host]: login }) }) },
  ];
  test.for(givenBy)('into output, content or staging, nor what $name holds to a builder', async ({ env }) => {
    await using registry = await startRegistry({ login });
    using config = temporaryFolder('docker-config');
    const dump = 'builder: { command: [sh, -c, "env; cat /proc/$PPID/cmdline; exit 1"] }';
    using family = await testFamily(
      {
        'fanfold.yaml': familyYaml([`${registry.host}/acme`, 'oci:out/copy'], { app: '', dump }),
        'app/Dockerfile': 'FROM scratch\nCOPY file /file\n',
        'app/file': 'app',
        'dump/Dockerfile': 'FROM scratch\n',
        '.gitignore': 'out\n',
      },
      env(config.path, registry.host),
    );
    const outcome = await family.fanfold('run', '--json');
    expect(outcome.stderr).toContain('FANFOLD_REFERENCE');
    expect(outcome.stderr).not.toContain('FANFOLD_REGISTRY_AUTH');
    expect(outcome.stdout).toContain('"published"');
    const everything = [
      outcome.stdout,
      outcome.stderr,
      allText(registry.storageFolder),
      allText(join(family.path, 'out')),
    ];
    for (const text of everything) for (const form of forms) expect(text.includes(form)).toBe(false);
  });

  test('into the message of a failure', async () => {
    await using registry = await startRegistry({ login: { username: 'robot', password: 'another' } });
    using config = temporaryFolder('docker-config');
    using family = await testFamily(
      {
        'fanfold.yaml': familyYaml([`${registry.host}/acme`], { app: '' }),
        'app/Dockerfile': 'FROM scratch\nCOPY file /file\n',
        'app/file': 'app',
      },
      { DOCKER_CONFIG: dockerConfig(config.path, registry.host) },
    );
    const outcome = await family.fanfold('run');
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toMatch(/401|refused|denied|unauthorized/i);
    for (const form of forms) expect(outcome.stdout + outcome.stderr).not.toContain(form);
  });
});

describe('credentials go to the exact host that they are for', () => {
  test('not to the host that a redirect names, nor to one whose name contains it', async () => {
    await using storage = await listen(() => ({ status: 404 }));
    // It asks for the credentials first: only then is there something to leak.
    await using registry = await listen((path, authorized) =>
      authorized && path.startsWith('/v2/app/manifests/')
        ? { status: 307, headers: { location: `http://${storage.host}/signed?X-Amz-Signature=abcdef` } }
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="it"' } },
    );
    await using other = await listen(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="it"' } }));
    using config = temporaryFolder('docker-config');
    using family = await testFamily(
      { 'fanfold.yaml': '' },
      { DOCKER_CONFIG: dockerConfig(config.path, registry.host) },
    );
    const outcome = await family.fanfold('inspect', `${registry.host}/app:1`);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr).not.toContain('abcdef');
    expect(registry.seen.some(({ headers }) => headers.authorization !== undefined)).toBe(true);
    expect(storage.seen.length).toBeGreaterThan(0);
    for (const { headers } of storage.seen) expect(headers.authorization).toBeUndefined();
    await family.fanfold('inspect', `${other.host}/app:1`);
    expect(other.seen.length).toBeGreaterThan(0);
    for (const { headers } of other.seen) expect(headers.authorization).toBeUndefined();
  });
});
