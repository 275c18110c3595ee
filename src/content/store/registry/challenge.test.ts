import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isLocalHost, parseChallenges, realmOf } from './challenge.ts';

describe('parseChallenges', () => {
  test.for([
    {
      name: 'GHCR',
      header: 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/api:pull"',
      want: [
        {
          scheme: 'bearer',
          parameters: { realm: 'https://ghcr.io/token', service: 'ghcr.io', scope: 'repository:acme/api:pull' },
        },
      ],
    },
    {
      name: 'Docker Hub, with a comma inside the scope',
      header:
        'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:acme/api:pull,push",error="insufficient_scope"',
      want: [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://auth.docker.io/token',
            service: 'registry.docker.io',
            scope: 'repository:acme/api:pull,push',
            error: 'insufficient_scope',
          },
        },
      ],
    },
    {
      name: 'ECR',
      header: 'Basic realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
      want: [
        {
          scheme: 'basic',
          parameters: {
            realm: 'https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/',
            service: 'ecr.amazonaws.com',
          },
        },
      ],
    },
    {
      name: 'GitLab, with blanks after the commas',
      header: 'Bearer realm="https://gitlab.com/jwt/auth", service="container_registry", scope="repository:a/b:pull"',
      want: [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://gitlab.com/jwt/auth',
            service: 'container_registry',
            scope: 'repository:a/b:pull',
          },
        },
      ],
    },
    {
      name: 'Harbor, its two challenges in one header',
      header:
        'Bearer realm="https://demo.goharbor.io/service/token",service="harbor-registry",scope="repository:a/b:pull,push", Basic realm="harbor"',
      want: [
        {
          scheme: 'bearer',
          parameters: {
            realm: 'https://demo.goharbor.io/service/token',
            service: 'harbor-registry',
            scope: 'repository:a/b:pull,push',
          },
        },
        { scheme: 'basic', parameters: { realm: 'harbor' } },
      ],
    },
    {
      name: 'schemes and names in any case, a token unquoted, an escaped quote',
      header: 'BASIC Realm=plain, bEARER REALM="a \\"b\\" c"',
      want: [
        { scheme: 'basic', parameters: { realm: 'plain' } },
        { scheme: 'bearer', parameters: { realm: 'a "b" c' } },
      ],
    },
    { name: 'a scheme alone', header: 'Negotiate', want: [{ scheme: 'negotiate', parameters: {} }] },
    { name: 'nothing', header: '', want: [] },
  ])('$name', ({ header, want }) => {
    const found = parseChallenges(header).map(({ scheme, parameters }) => ({ scheme, parameters: { ...parameters } }));
    expect(found).toEqual(want);
  });

  test('whatever a registry sends, it ends', () => {
    const pieces = fc.constantFrom(
      'Bearer',
      'Basic',
      ' ',
      ',',
      '"',
      '\\',
      '=',
      'realm',
      'https://a.b/c',
      '\u0000',
      'é',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
        expect(parseChallenges(parts.join('')).length).toBeLessThanOrEqual(60);
      }),
    );
  });
});

const publicHost = { host: 'registry.example.com', origin: 'https://registry.example.com' };
const loopback = { host: '127.0.0.1:5000', origin: 'http://127.0.0.1:5000' };
const insecure = { host: 'registry.lan:5000', origin: 'http://registry.lan:5000' };
const bearer = (realm: string) => ({ scheme: 'bearer', parameters: { realm } });

test.for([
  { name: 'another public host', registry: publicHost, realm: 'https://auth.example.com/token' },
  { name: 'loopback beside a loopback registry', registry: loopback, realm: 'http://127.0.0.1:5001/token' },
  { name: 'its own host, plain like itself', registry: insecure, realm: 'http://registry.lan:5001/token' },
])('a token server on $name is asked', ({ registry, realm }) => {
  expect(realmOf(bearer(realm), registry).href).toBe(realm);
});

test.for([
  { name: 'plain HTTP', registry: publicHost, realm: 'http://auth.example.com/token' },
  { name: 'loopback', registry: publicHost, realm: 'https://127.0.0.1/token' },
  { name: 'the link-local metadata service', registry: publicHost, realm: 'https://169.254.169.254/latest' },
  { name: 'a private address', registry: publicHost, realm: 'https://10.1.2.3/token' },
  { name: 'a private address as a number', registry: publicHost, realm: 'https://0xa010203/token' },
  { name: 'IPv6 loopback', registry: publicHost, realm: 'https://[::1]/token' },
  { name: 'a mapped IPv4 address', registry: publicHost, realm: 'https://[::ffff:10.0.0.1]/token' },
  { name: 'a unique local address', registry: publicHost, realm: 'https://[fd00::1]/token' },
  { name: 'a name of this network', registry: publicHost, realm: 'https://metadata.google.internal/token' },
  { name: 'credentials in the URL', registry: publicHost, realm: 'https://a:b@auth.example.com/token' },
  { name: 'a file', registry: loopback, realm: 'file:///etc/passwd' },
  {
    name: 'plain HTTP on another host than the insecure one',
    registry: insecure,
    realm: 'http://auth.example.com/token',
  },
  { name: 'no URL', registry: publicHost, realm: 'token' },
  { name: 'nothing', registry: publicHost, realm: '' },
])('a token server on $name is not asked', ({ registry, realm }) => {
  expect(() => realmOf(bearer(realm), registry)).toThrow(/is not asked/);
});

test.for([
  { host: 'localhost', local: true },
  { host: '127.9.9.9', local: true },
  { host: '172.31.0.1', local: true },
  { host: '172.32.0.1', local: false },
  { host: '100.64.0.1', local: true },
  { host: '192.168.1.1', local: true },
  { host: '8.8.8.8', local: false },
  { host: '[fe80::1]', local: true },
  { host: '[2001:db8::1]', local: false },
  { host: 'registry', local: true },
  { host: 'ghcr.io', local: false },
])('$host is local: $local', ({ host, local }) => {
  expect(isLocalHost(host)).toBe(local);
});
