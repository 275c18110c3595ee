/** Which keys can stand where in fanfold.yaml, and which scalars are text: what diagnostics and the reader of its data ask the schema. */
import { githubKeysAt, isGithubTextPath } from './github-schema.ts';
import { gitlabSchema } from './gitlab-schema.ts';
import { inputKeys } from './input-schema.ts';
import { familySchema, platformFields, targetSchema } from './schema.ts';
import { isSourceTextPath, sourceKeys } from './source-schema.ts';

/** The keys that can stand in the map at `path`. */
export function keysAt(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 1 && path[0] === 'gitlab') return Object.keys(gitlabSchema.shape);
  if (path[0] === 'github') return githubKeysAt(path.slice(1));
  const last = path.findLast((step): step is string => typeof step === 'string');
  if (path.length === 0) return Object.keys(familySchema.shape);
  if (path.length === 2 && path[0] === 'targets') return Object.keys(targetSchema.shape);
  const inner: Readonly<Record<string, readonly string[]>> = {
    attestations: ['provenance', 'sbom'],
    builder: ['command', 'buildx'],
    buildx: ['builder', 'remote'],
    destinations: ['to', 'required'],
    generated: ['paths', 'run', 'lock'],
    ...inputKeys,
    sources: sourceKeys.source,
    each: [...sourceKeys.each, ...Object.keys(targetSchema.shape)],
  };
  if (path.at(-2) === 'per-platform') return Object.keys(platformFields.shape);
  return inner[last ?? ''] ?? [];
}

/** Whether scalars at `path` are text, however YAML would read them. */
export function isTextPath(path: readonly (string | number)[]): boolean {
  if (path[0] === 'gitlab') return path[1] !== 'jobs-max';
  if (path[0] === 'github') return isGithubTextPath(path.slice(1));
  if (path[0] === 'sources') return isSourceTextPath(path.slice(2));
  const [field, ...rest] = path[0] === 'targets' ? path.slice(2) : path;
  if (field === 'per-platform') return rest.length === 3 && rest[1] === 'args';
  if (field === 'args' || field === 'labels' || field === 'annotations') return rest.length === 1;
  return path[0] === 'targets' && field === 'matrix' && rest.length >= 2;
}
