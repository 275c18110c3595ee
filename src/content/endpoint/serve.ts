/** The API's endpoints, each handed to who answers it (distribution specification 1.1, "Endpoints"). */
import { ApiError } from './api-error.ts';
import { serveBlob } from './blobs.ts';
import { type Answer, type Exchange, unsupported } from './exchange.ts';
import { listReferrers, listTags } from './lists.ts';
import { serveManifest } from './manifests.ts';
import type { Repository } from './repository.ts';
import type { Route } from './route.ts';
import { serveUpload, startUpload } from './upload-requests.ts';

/** Answers a request by the repository that `find` knows; whoever names another learns nothing but that. */
export async function serveRoute(
  exchange: Exchange,
  route: Route | undefined,
  find: (name: string) => Repository | undefined,
): Promise<Answer> {
  if (route === undefined) throw unknownName();
  if (route.kind === 'version') return answerVersion(exchange);
  const repository = find(route.repository);
  if (repository === undefined) throw unknownName();
  switch (route.kind) {
    case 'blob':
      return await serveBlob(exchange, repository, route.digest);
    case 'uploads':
      return await startUpload(exchange, repository);
    case 'upload':
      return await serveUpload(exchange, repository, route.id);
    case 'manifest':
      return await serveManifest(exchange, repository, route.name);
    case 'tags':
      return await listTags(exchange, repository);
    case 'referrers':
      return await listReferrers(exchange, repository, route.digest);
    default:
      return route satisfies never;
  }
}

/** Clients ask this first, without the path: it tells that this is a registry, and nothing else. */
function answerVersion(exchange: Exchange): Answer {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') unsupported(exchange, 'GET, HEAD');
  return { status: 200, headers: { 'content-type': 'application/json' }, body: new TextEncoder().encode('{}') };
}

function unknownName(): ApiError {
  return new ApiError(404, 'NAME_UNKNOWN', 'there is no such repository');
}
