/** The endpoint's paths: the own one below a secret, and those that pass straight through below another. */
import { timingSafeEqual } from 'node:crypto';
import type { Cancel } from '../../base/host/cancel.ts';
import { isRepository } from '../oci/reference.ts';
import type { EndpointOptions } from './options.ts';
import { createRepository, type Repository, type RepositoryPolicy } from './repository.ts';

/** All paths. */
export interface Paths {
  readonly own: Repository;
  /** The path of that name; undefined where there is none, where the secret is wrong, and after `close`. */
  find(name: string): Repository | undefined;
  /** No path is found from now on; uploads that are open are let go. */
  close(): Promise<void>;
}

const maxPaths = 64;

/** The own path, ready; the others come as they are asked for. */
export function createPaths(
  options: EndpointOptions,
  { secret, otherSecret, host }: { readonly secret: string; readonly otherSecret: string; readonly host: string },
  cancel: Cancel,
): Paths {
  const made = new Map<string, Repository>();
  let isOpen = true;
  const add = (name: string, store: EndpointOptions['store'], policy: RepositoryPolicy): Repository => {
    const repository = createRepository(name, store, policy, options.random, cancel);
    made.set(name, repository);
    return repository;
  };
  const other = (name: string): Repository | undefined => {
    const rest = name.slice(otherSecret.length + 1);
    if (made.size >= maxPaths || !isRepository(rest)) return undefined;
    const store = options.other?.(rest);
    return store === undefined ? undefined : add(name, store, otherPolicy(options, `${host}/${name}`));
  };
  const ownName = `${secret}/${validName(options.name)}`;
  const own = add(ownName, options.store, ownPolicy(options, `${host}/${ownName}`));
  return {
    own,
    find(name) {
      if (!isOpen) return undefined;
      if (knows(name, otherSecret)) return made.get(name) ?? other(name);
      return name === own.name && knows(name, secret) ? own : undefined;
    },
    async close() {
      isOpen = false;
      await Promise.all([...made.values()].map((path) => path.uploads.cancelAll()));
    },
  };
}

function ownPolicy(options: EndpointOptions, reference: string): RepositoryPolicy {
  const { platform, subjects, tags = false, eager = false, on = () => undefined } = options;
  return {
    holds: true,
    eager,
    tags,
    reference,
    on,
    ...(platform === undefined ? {} : { platform }),
    ...(subjects === undefined ? {} : { subjects }),
  };
}

function otherPolicy({ on = () => undefined }: EndpointOptions, reference: string): RepositoryPolicy {
  return { holds: false, eager: true, tags: true, reference, on };
}

/** In constant time: how much of the secret a guess has right is not told. */
function knows(name: string, secret: string): boolean {
  const guess = Buffer.from(name.slice(0, secret.length));
  return guess.length === secret.length && name[secret.length] === '/' && timingSafeEqual(guess, Buffer.from(secret));
}

/** Any text as one part of a repository's name. */
function validName(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 100)
    .replace(/^-|-$/g, '');
  return name === '' ? 'leg' : name;
}
