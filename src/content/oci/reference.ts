/** References: a repository of a registry, or an OCI layout; with a tag or a digest where one is named. */
import { FanfoldError } from '../../base/errors/error.ts';
import { optional } from './descriptor.ts';
import { type Digest, isDigest } from './digest.ts';

/** `host[:port]/repository`, of a registry. Docker Hub is `docker.io`, its official images under `library/`. */
export interface RegistryRepository {
  readonly kind: 'registry';
  /** Host with its port where one is named, in lower case. */
  readonly host: string;
  readonly repository: string;
}

/** A folder that is an OCI image layout (image-layout.md). `name` stands for the repository: what the images in it are called. */
export interface LayoutFolder {
  readonly kind: 'layout';
  /** As written; the caller makes it absolute. */
  readonly path: string;
}

/** Where content lives. */
export type Location = RegistryRepository | LayoutFolder;

/** A location, with a tag or a digest or both. */
export interface Reference {
  readonly location: Location;
  readonly tag?: string;
  readonly digest?: Digest;
}

const hostForm =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/i;
const repositoryForm = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagForm = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/**
 * `[registry/]repository[:tag][@digest]`, or `oci:PATH[:tag][@digest]`. A first part without a dot, a port and not `localhost` is
 * no registry: the reference is then Docker Hub's, as for every Docker client.
 * @throws FanfoldError `content.reference`
 */
export function parseReference(text: string): Reference {
  const at = text.lastIndexOf('@');
  const digest = at < 0 ? undefined : text.slice(at + 1);
  if (digest !== undefined && !isDigest(digest)) throw malformed(text, `${JSON.stringify(digest)} is not a digest`);
  const name = at < 0 ? text : text.slice(0, at);
  const made = name.startsWith('oci:') ? layoutReference(name.slice(4), text) : registryReference(name, text);
  return { ...made, ...optional('digest', digest) };
}

/**
 * A location alone: a reference without tag and digest. For a layout `oci:PATH`.
 * @throws FanfoldError `content.reference`
 */
export function parseLocation(text: string): Location {
  if (text.startsWith('oci:')) {
    if (text.length === 4) throw malformed(text, 'the path is missing');
    return { kind: 'layout', path: text.slice(4) };
  }
  const reference = parseReference(text);
  if (reference.tag !== undefined || reference.digest !== undefined)
    throw malformed(text, 'a tag or digest does not belong here');
  return reference.location;
}

/** The reference as text; parsing it gives it back. */
export function formatReference(reference: Reference): string {
  const { location, tag, digest } = reference;
  return `${formatLocation(location)}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The location as text. */
export function formatLocation(location: Location): string {
  return location.kind === 'layout' ? `oci:${location.path}` : `${location.host}/${location.repository}`;
}

/** Whether `text` can be a tag (distribution specification 1.1, "Pulling manifests"). */
export function isTag(text: string): boolean {
  return tagForm.test(text);
}

/** Whether `text` can be a repository's name. */
export function isRepository(text: string): boolean {
  return text.length <= 255 && repositoryForm.test(text);
}

function layoutReference(name: string, text: string): Reference {
  const colon = name.lastIndexOf(':');
  const hasTag = colon > 0 && !name.slice(colon).includes('/');
  const path = hasTag ? name.slice(0, colon) : name;
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  if (path === '') throw malformed(text, 'the path is missing');
  if (tag !== undefined && !isTag(tag)) throw malformed(text, `${JSON.stringify(tag)} is not a tag`);
  return { location: { kind: 'layout', path }, ...optional('tag', tag) };
}

function registryReference(name: string, text: string): Reference {
  const colon = name.lastIndexOf(':');
  const hasTag = colon > 0 && !name.slice(colon).includes('/');
  const whole = hasTag ? name.slice(0, colon) : name;
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  if (tag !== undefined && !isTag(tag)) throw malformed(text, `${JSON.stringify(tag)} is not a tag`);
  const { host, repository } = splitHost(whole);
  if (!hostForm.test(host)) throw malformed(text, `${JSON.stringify(host)} is not a registry's host`);
  if (!isRepository(repository)) throw malformed(text, `${JSON.stringify(repository)} is not a repository's name`);
  return { location: { kind: 'registry', host, repository }, ...optional('tag', tag) };
}

function splitHost(name: string): { host: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (/[.:]/.test(first) || first === 'localhost' || /[A-Z]/.test(first)) {
    const host = first.toLowerCase();
    const rest = name.slice(slash + 1);
    if (host === 'docker.io' || host === 'index.docker.io') return { host: 'docker.io', repository: official(rest) };
    return { host, repository: rest };
  }
  return { host: 'docker.io', repository: official(name) };
}

function official(repository: string): string {
  return repository.includes('/') ? repository : `library/${repository}`;
}

function malformed(text: string, why: string): FanfoldError {
  return new FanfoldError('content.reference', `${JSON.stringify(text.slice(0, 300))} is not a reference: ${why}`, {
    hint: 'write registry/repository:tag, registry/repository@sha256:..., or oci:PATH:tag',
  });
}
