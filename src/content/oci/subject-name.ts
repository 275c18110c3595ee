/** Names of images in in-toto subjects: package URLs of type docker (purl-spec, types/docker), as BuildKit writes them. */
import { formatPlatform, type Platform } from './platform.ts';
import type { Location } from './reference.ts';

/** The parts of `pkg:docker/REPOSITORY@VERSION?QUALIFIERS`. */
export interface SubjectName {
  /** As Docker's clients shorten it: no `docker.io/`, no `library/`. */
  readonly repository: string;
  /** The tag; BuildKit writes `latest` where it pushed by digest. */
  readonly version?: string;
  /** As they stand, escaped, without the question mark; may be empty. */
  readonly qualifiers: string;
  /** Whether a port's colon stood as %3A (BuildKit of 2024 and before) or as it is. */
  readonly escapesColons: boolean;
}

const form = /^pkg:docker\/([^@?#]+)(?:@([^?#]*))?(?:\?([^#]*))?$/;

/** The parts of a subject's name; undefined where it is not the name of an image. */
export function parseSubjectName(name: string): SubjectName | undefined {
  const [, path, version, qualifiers] = form.exec(name) ?? [];
  if (path === undefined) return undefined;
  try {
    return {
      repository: decodeURIComponent(path),
      ...(version === undefined ? {} : { version: decodeURIComponent(version) }),
      qualifiers: qualifiers ?? '',
      escapesColons: /%3a/i.test(path),
    };
  } catch {
    return undefined;
  }
}

/** The name as text; parsing it gives it back. */
export function formatSubjectName(name: SubjectName): string {
  const segments = name.repository.split('/').map((segment) => encode(segment, name.escapesColons));
  const version = name.version === undefined ? '' : `@${encode(name.version, name.escapesColons)}`;
  return `pkg:docker/${segments.join('/')}${version}${name.qualifiers === '' ? '' : `?${name.qualifiers}`}`;
}

/** How attestations' subjects call a location: `host/repository`, or the layout folder's own name. */
export function subjectRepository(location: Location): string {
  if (location.kind === 'registry') return `${location.host}/${location.repository}`;
  return (
    location.path
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? 'layout'
  );
}

/** What BuildKit names an image that it pushes to `repository` by digest. */
export function subjectNameOf(repository: string, platform: Platform | undefined): SubjectName {
  return {
    repository: familiarRepository(repository),
    version: 'latest',
    qualifiers: platform === undefined ? '' : `platform=${encodeURIComponent(formatPlatform(platform))}`,
    escapesColons: false,
  };
}

/** `host/repository` as it stands in subjects: Docker Hub's host and its `library/` are left out. */
export function familiarRepository(repository: string): string {
  return repository.replace(/^docker\.io\/(?:library\/(?=[^/]+$))?/, '');
}

function encode(text: string, escapesColons: boolean): string {
  const encoded = encodeURIComponent(text);
  return escapesColons ? encoded : encoded.replaceAll('%3A', ':');
}
