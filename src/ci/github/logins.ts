/** Which registries the jobs of a family log in to, and by which of GitHub's secrets. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isLoopback } from '../../content/store/registry/hosts.ts';
import type { GithubSetting } from '../../source/project/github-setting.ts';
import type { Family } from '../../source/project/model.ts';
import type { Access, Stages } from './stages.ts';

/**
 * Each job's access. Where legs may stage alone, neither they nor the plan are given a credential of a registry that is a destination and
 * nothing more: what a commit brings (commands of `inputs` and `generated`, Dockerfiles) runs in both.
 */
export function accessOf(
  { targets }: Pick<Family, 'targets'>,
  github: GithubSetting,
  diagnostics: Diagnostic[],
): Stages['access'] {
  const hostsOf = (locations: readonly { readonly kind: string; readonly host?: string }[]): ReadonlySet<string> =>
    new Set(locations.flatMap(({ host }) => host ?? []));
  const staging = hostsOf(targets.map((target) => target.staging));
  const destinations = hostsOf(targets.flatMap((target) => target.destinations.map(({ location }) => location)));
  const all = new Set([...staging, ...destinations, ...Object.keys(github.credentials)]);
  const before = [...all].filter((host) => github.legs === 'push' || staging.has(host) || !destinations.has(host));
  diagnostics.push(...[...staging, ...destinations].flatMap((host) => missingOf(host, github) ?? []));
  return {
    plan: access(before, github, 'read'),
    legs: access(before, github, 'write'),
    content: access([...all], github, 'write'),
    publish: access([...all], github, 'write'),
  };
}

/** The registry that takes the token of the job itself. */
const own = 'ghcr.io';

function access(hosts: readonly string[], { credentials }: GithubSetting, packages: 'read' | 'write'): Access {
  const lines = [...hosts].sort().flatMap((host) => {
    const credential = credentials[host];
    if (credential === undefined) return host === own ? [`${host} \${{ github.actor }} \${{ github.token }}`] : [];
    if (credential === 'runner') return [];
    const { username, password } = credential;
    const user = username.startsWith('vars.') ? username : `secrets.${username}`;
    return [`${host} \${{ ${user} }} \${{ secrets.${password} }}`];
  });
  const isOwn = hosts.includes(own) && credentials[own] === undefined;
  return { credentials: lines, ...(isOwn ? { packages } : {}) };
}

function missingOf(host: string, { credentials, place }: GithubSetting): Diagnostic | undefined {
  if (host === own || isLoopback(host) || credentials[host] !== undefined) return undefined;
  return {
    code: 'config.missing',
    severity: 'error',
    message: `images go to ${host}, and github.credentials names no secrets for it`,
    place,
    hint: `github: { credentials: { ${host}: { username: SECRET, password: SECRET } } }; or ${host}: runner, where the machines are logged in`,
  };
}
