/** Where a target is published and staged: destinations with its name added, and staging's default. */
import { join, resolve } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import { formatLocation, isRepository, type Location } from '../../content/oci/reference.ts';
import type { ExpandedTarget } from './expand.ts';
import type { Destination } from './model.ts';
import { mistake, type Path, placeOfKey, placeOfValue } from './source.ts';
import type { TargetContext } from './target-context.ts';
import type { YamlSource } from './yaml.ts';

/** A target's destinations; what is wrong goes to `diagnostics`. */
export function destinationsOf(
  target: ExpandedTarget,
  context: TargetContext,
  diagnostics: Diagnostic[],
): readonly Destination[] {
  const { source } = context;
  const written = target.fields.destinations;
  if (written === undefined) {
    const message = `target ${JSON.stringify(target.name)} has no destinations`;
    const hint = 'name them at the top of the file: destinations: [ghcr.io/acme]';
    diagnostics.push(mistake('config.missing', placeOfKey(source, target.path), message, hint));
    return [];
  }
  const image = imageOf(target, source, diagnostics);
  if (image === undefined) return [];
  const made = new Map<string, Destination>();
  for (const [index, destination] of written.entries()) {
    const { to, required = true } = typeof destination === 'string' ? { to: destination } : destination;
    const path = [...(target.originOf('destinations') ?? target.path), index];
    const location = readLocation(`${to.replace(/\/$/, '')}/${image}`, to, path, context, diagnostics);
    if (location === undefined) continue;
    const name = formatLocation(location);
    if (!made.has(name)) made.set(name, { location, required });
    else
      diagnostics.push(
        mistake('config.collision', placeOfValue(source, path), `${name} is a destination twice`, 'remove one'),
      );
  }
  return [...made.values()];
}

/** The name that is added to destinations. */
function imageOf(target: ExpandedTarget, source: YamlSource, diagnostics: Diagnostic[]): string | undefined {
  const { image } = target.fields;
  if (isRepository(image ?? target.name)) return image ?? target.name;
  const path = target.originOf('image');
  const place = path === undefined ? placeOfKey(source, target.path) : placeOfValue(source, path);
  const message = `${JSON.stringify(image ?? target.name)} cannot be an image's name in a registry`;
  const hint = 'give the target image: NAME, in lower-case letters, digits, and . _ - / between them';
  diagnostics.push(mistake('config.invalid', place, message, hint));
  return undefined;
}

/** The family's staging as written, or the target's own beside its first destination. */
export function stagingOf(
  destinations: readonly Destination[],
  context: TargetContext,
  diagnostics: Diagnostic[],
): Location | undefined {
  if (context.staging !== undefined) {
    return readLocation(context.staging, context.staging, ['staging'], context, diagnostics);
  }
  const first = destinations[0]?.location;
  if (first === undefined) return undefined;
  if (first.kind === 'layout') return { ...first, path: `${first.path}-staging` };
  return { ...first, repository: `${first.repository}-staging` };
}

function readLocation(
  text: string,
  written: string,
  path: Path,
  { source, root, parseLocation }: TargetContext,
  diagnostics: Diagnostic[],
): Location | undefined {
  try {
    const location = parseLocation(text);
    return location.kind === 'layout' ? { ...location, path: resolve(root, join(location.path)) } : location;
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    const message = `${JSON.stringify(written)} is no registry, namespace or oci:PATH`;
    const hint = 'write it as ghcr.io/acme, registry.example:5000/team or oci:PATH, without a tag';
    diagnostics.push(mistake('config.invalid', placeOfValue(source, path), message, hint));
    return undefined;
  }
}
