/** What a request's target asks for (distribution specification 1.1, "Endpoints"). */

/** One of the API's endpoints, its parts unjudged but for their characters. */
export type Route =
  | { readonly kind: 'version' }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly id: string }
  | { readonly kind: 'manifest'; readonly repository: string; readonly name: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string };

/** A request's target: the route, undefined where there is none such, and the query. */
export interface Target {
  readonly route: Route | undefined;
  readonly query: URLSearchParams;
}

/** Reads the target of a request line. Nothing is normalized: a path with `..` or a double slash is no route. */
export function parseTarget(target: string): Target {
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { route: parsePath(path), query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)) };
}

// The last of these words in a path divides the repository's name from the rest.
const form = /^\/v2\/(.+)\/(blobs|manifests|tags|referrers)\/(.+)$/;
const uploadForm = /^\/v2\/(.+)\/blobs\/uploads(?:\/([A-Za-z0-9_-]*))?$/;

function parsePath(escaped: string): Route | undefined {
  const path = decoded(escaped);
  if (path === undefined) return undefined;
  if (path === '/v2/' || path === '/v2') return { kind: 'version' };
  const [, uploadRepository, id] = uploadForm.exec(path) ?? [];
  if (uploadRepository !== undefined) {
    return id
      ? { kind: 'upload', repository: uploadRepository, id }
      : { kind: 'uploads', repository: uploadRepository };
  }
  const [, repository, word, rest] = form.exec(path) ?? [];
  if (repository === undefined || rest === undefined || rest.includes('/')) return undefined;
  switch (word) {
    case 'blobs':
      return { kind: 'blob', repository, digest: rest };
    case 'manifests':
      return { kind: 'manifest', repository, name: rest };
    case 'referrers':
      return { kind: 'referrers', repository, digest: rest };
    default:
      return rest === 'list' ? { kind: 'tags', repository } : undefined;
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
