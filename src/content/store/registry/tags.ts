/** The tags of a repository (distribution specification 1.1, "Listing Tags"): all pages, and the order of every other store. */
import { FanfoldError } from '../../../base/errors/error.ts';
import type { Cancel } from '../../../base/host/cancel.ts';
import { parseJson } from '../../oci/json.ts';
import { isTag } from '../../oci/reference.ts';
import { readAtMost } from './response.ts';
import { pullScope, type Repository } from './session.ts';
import type { Reply } from './transport.ts';

const pageTags = 1000;
const maxPageBytes = 8 * 1024 * 1024;
const maxPages = 10_000;
const maxTags = 1_000_000;

/** Every tag, sorted by code unit: registries page in an order of their own, so all pages come first. A repository that is not there has none. */
export async function* listTags(repository: Repository, cancel: Cancel): AsyncIterable<string> {
  const tags = new Set<string>();
  let url: string | undefined = `/v2/${repository.name}/tags/list?n=${pageTags}`;
  for (let page = 1; url !== undefined; page++) {
    if (page > maxPages || tags.size > maxTags) throw tooMany(repository);
    const reply: Reply = await ask(repository, url, cancel);
    const bytes = await readAtMost(reply.body, maxPageBytes);
    await reply.discard();
    if (reply.status === 404) break;
    for (const tag of parseTags(bytes)) tags.add(tag);
    url = nextPage(reply);
  }
  yield* [...tags].sort();
}

/** Whether the registry knows the repository. Some make it with the first push, and say no before. */
export async function repositoryExists(repository: Repository, cancel: Cancel): Promise<boolean> {
  const reply = await ask(repository, `/v2/${repository.name}/tags/list?n=1`, cancel);
  await reply.discard();
  return reply.status === 200;
}

function parseTags(bytes: Uint8Array): readonly string[] {
  const body = parseJson(bytes, 'the list of tags');
  const tags: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'tags') : undefined;
  return Array.isArray(tags) ? tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag)) : [];
}

/** The URL of the next page, from `Link: <...>; rel="next"` (RFC 8288); undefined on the last. A page that names itself is the last. */
export function nextPage(reply: Pick<Reply, 'headers' | 'url'>): string | undefined {
  for (const [, target, parameters] of (reply.headers['link'] ?? '').matchAll(/<([^>]*)>([^,<]*)/g)) {
    if (target === undefined || !/;\s*rel\s*=\s*"?next"?/i.test(parameters ?? '')) continue;
    const next = URL.canParse(target, reply.url) ? new URL(target, reply.url).href : undefined;
    return next === reply.url ? undefined : next;
  }
  return undefined;
}

function ask(repository: Repository, url: string, cancel: Cancel): Promise<Reply> {
  return repository.transport.send(
    { method: 'GET', url, scopes: pullScope(repository), expect: [200, 404], repository: repository.name },
    cancel,
  );
}

function tooMany(repository: Repository): FanfoldError {
  const { host } = repository.transport.registry;
  return new FanfoldError(
    'host.too-large',
    `${host}/${repository.name} lists more than ${maxTags} tags or ${maxPages} pages`,
  );
}
