/** Names of a family that would be the same: images of two targets, staging and destinations, layouts inside of layouts, tags. */
import { dirname } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import { formatLocation, type Location } from '../../content/oci/reference.ts';
import type { GitEvent } from '../tags/event.ts';
import { createTagNamer, type TagNamer } from '../tags/names.ts';
import type { Target } from './model.ts';

/** Every collision among `targets` that their configuration alone shows. */
export function findCollisions(targets: readonly Target[]): readonly Diagnostic[] {
  const images = new Map<string, Target[]>();
  for (const target of targets) {
    for (const { location } of target.destinations) {
      const name = formatLocation(location);
      const sharing = images.get(name);
      if (sharing === undefined) images.set(name, [target]);
      else sharing.push(target);
    }
  }
  const together = groupsOf(images).flatMap(({ names, sharing }) => sharedImages(names, sharing));
  return [...together, ...stagingCollisions(targets, images), ...nestedLayouts(targets)];
}

/**
 * Tags that two of `targets` would both give to one image for `event`: whichever came last would have it.
 * @throws FanfoldError as `resolveTags` does
 */
export function tagCollisions(targets: readonly Target[], event: GitEvent): readonly Diagnostic[] {
  const given = new Map<string, Target>();
  const collisions: Diagnostic[] = [];
  const namer = createTagNamer();
  for (const target of targets) {
    const tags = namer(target.tags, event);
    for (const { location } of target.destinations) {
      for (const name of tags) {
        const reference = `${formatLocation(location)}:${name}`;
        const other = given.get(reference);
        if (other === undefined) given.set(reference, target);
        else if (other !== target) collisions.push(sameTag(other, target, reference));
      }
    }
  }
  return collisions;
}

function sameTag(first: Target, second: Target, reference: string): Diagnostic {
  const message = `${first.name} and ${second.name} would both be published as ${reference}`;
  return collision(second, message, separate);
}

const separate = 'give one image: NAME, or both a flavor that tells their tags apart (suffix=-NAME,onlatest=true)';

interface ImageGroup {
  readonly names: string[];
  readonly sharing: readonly Target[];
}

/** Images by the targets that share them: a large family has one image at every destination, and is judged once. */
function groupsOf(images: ReadonlyMap<string, readonly Target[]>): readonly ImageGroup[] {
  const groups = new Map<string, ImageGroup>();
  for (const [name, sharing] of images) {
    if (sharing.length < 2) continue;
    const identity = JSON.stringify(sharing.map((target) => target.name));
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, { names: [name], sharing });
    else group.names.push(name);
  }
  return [...groups.values()];
}

/** Targets may share an image if their tags tell them apart: judged by what usual events give. One message to a pair. */
function sharedImages(images: readonly string[], sharing: readonly Target[]): readonly Diagnostic[] {
  const namer = createTagNamer();
  const clashes = new Map<Target, Clash>();
  for (const { event, words } of usualEvents) {
    const given = new Map<string, Target>();
    for (const target of sharing) {
      for (const name of findTags(target, event, namer)) {
        const other = given.get(name);
        if (other === undefined) given.set(name, target);
        else if (other !== target && !clashes.has(target)) {
          clashes.set(target, { other, tag: `${name} (${words})` });
        }
      }
    }
  }
  return images.flatMap((image) =>
    [...clashes].map(([target, { other, tag }]) => {
      const message = `${other.name} and ${target.name} have the same image, ${image}, and would both give it the tag ${tag}`;
      return collision(target, message, separate);
    }),
  );
}

interface Clash {
  readonly other: Target;
  readonly tag: string;
}

function findTags(target: Target, event: GitEvent, namer: TagNamer): readonly string[] {
  try {
    return namer(target.tags, event);
  } catch (error) {
    if (isFanfoldError(error)) return [];
    throw error;
  }
}

const sha = '1f0c1d5a9c2b4e6f8a7d3b5c9e1f2a4b6c8d0e1f';
const common = { sha, shortSha: sha.slice(0, 7), baseRef: 'main', defaultBranch: 'main', nowMs: Date.UTC(2026, 0, 2) };
const usualEvents: readonly { event: GitEvent; words: string }[] = [
  { event: { ...common, kind: 'push', ref: 'refs/heads/main' }, words: 'on a push to main' },
  { event: { ...common, kind: 'push', ref: 'refs/tags/v1.2.3' }, words: 'for a Git tag v1.2.3' },
  { event: { ...common, kind: 'push', ref: 'refs/tags/1.2.3' }, words: 'for a Git tag 1.2.3' },
  { event: { ...common, kind: 'push', ref: 'refs/heads/topic' }, words: 'on a push to another branch' },
  { event: { ...common, kind: 'pull_request', ref: 'refs/pull/7/merge' }, words: 'for a pull request' },
  { event: { ...common, kind: 'schedule', ref: 'refs/heads/main' }, words: 'on a schedule' },
];

/** Users would pull from what holds keys, and a clean-up of keys would take their tags. */
function stagingCollisions(
  targets: readonly Target[],
  images: ReadonlyMap<string, readonly Target[]>,
): readonly Diagnostic[] {
  const found = new Map<string, Diagnostic>();
  for (const target of targets) {
    const staging = formatLocation(target.staging);
    const [owner] = images.get(staging) ?? [];
    if (owner === undefined || found.has(staging)) continue;
    const message = `the staging of ${target.name}, ${staging}, is a destination of ${owner.name}`;
    found.set(
      staging,
      collision(owner, message, 'set staging: at the top of the file, or give the target image: NAME'),
    );
  }
  return [...found.values()];
}

/** A layout inside of another one may be taken for its content. */
function nestedLayouts(targets: readonly Target[]): readonly Diagnostic[] {
  const owners = new Map<string, Target>();
  for (const target of targets) for (const path of layoutsOf(target)) owners.set(path, target);
  return [...owners].flatMap(([path, target]) => {
    const outer = ancestors(path).find((folder) => owners.has(folder));
    if (outer === undefined) return [];
    return [collision(target, `the layout ${path} lies inside of the layout ${outer}`, 'give the target image: NAME')];
  });
}

function layoutsOf({ destinations, staging }: Target): readonly string[] {
  const all: readonly Location[] = [...destinations.map(({ location }) => location), staging];
  return all.flatMap((location) => (location.kind === 'layout' ? [location.path] : []));
}

function ancestors(path: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) folders.push(folder);
  return folders;
}

function collision(target: Target, message: string, hint: string): Diagnostic {
  return { code: 'config.collision', severity: 'error', message, place: target.place, hint };
}
