// What a job's token may do: `permissions:` of the workflow and the job, the repository's default, a fork's less.

import { isObject, type Json } from './json.ts';

/** A level by scope; a scope that is missing is none. */
export type Permissions = Readonly<Record<string, 'read' | 'write'>>;

const scopes = [
  'actions',
  'attestations',
  'checks',
  'contents',
  'deployments',
  'discussions',
  'id-token',
  'issues',
  'packages',
  'pages',
  'pull-requests',
  'repository-projects',
  'security-events',
  'statuses',
];

/** What a token may do where nothing is written: GitHub's restricted default. */
export const defaultPermissions: Permissions = { contents: 'read', packages: 'read' };

/** An evaluated `permissions:`; undefined where it is not written. Any scope that is named sets all others to none. */
export function readPermissions(value: Json | undefined): Permissions | undefined {
  if (value === undefined || value === null) return undefined;
  if (value === 'read-all') return all('read');
  if (value === 'write-all') return all('write');
  if (!isObject(value)) throw new Error('permissions must be a mapping, read-all or write-all');
  return Object.fromEntries(
    Object.entries(value).flatMap(([scope, level]) => (level === 'read' || level === 'write' ? [[scope, level]] : [])),
  );
}

/** A fork's pull request reads only. */
export function readOnly(permissions: Permissions): Permissions {
  const scopesOfFork = Object.keys(permissions).filter((scope) => scope !== 'id-token');
  return Object.fromEntries(scopesOfFork.map((scope) => [scope, 'read']));
}

/** What a called workflow asks for beyond its caller's: GitHub refuses to start it. */
export function excess(asked: Permissions, granted: Permissions): readonly string[] {
  return Object.entries(asked).flatMap(([scope, level]) =>
    granted[scope] === 'write' || granted[scope] === level ? [] : [`${scope}: ${level}`],
  );
}

function all(level: 'read' | 'write'): Permissions {
  return Object.fromEntries(scopes.map((scope) => [scope, level]));
}
