/** Which legs a path reaches, and how; and what keeps it out of others. */
import type { Place } from '../base/errors/error.ts';
import { platformIdentity } from '../content/oci/platform.ts';
import { ignoreFileNames } from '../source/dockerfile/ignore.ts';
import type { IgnoringLine, KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { filesOf } from './explain.ts';

/** One way in which a path reaches a leg. */
export interface PathReach {
  readonly leg: string;
  readonly how: 'dockerfile' | 'ignore file' | 'generated' | 'files' | 'everything' | 'target';
  /** The instruction that takes it, or the target that it comes through. */
  readonly by: string;
  readonly place?: Place;
}

/** What is known of a path. */
export interface PathExplanation {
  readonly path: string;
  /** It is the configuration: what it says of a target counts in that target's legs. */
  readonly isConfiguration: boolean;
  readonly reaches: readonly PathReach[];
  /** Legs whose context does not hold it, by the line that says so. */
  readonly ignored: readonly { readonly leg: string; readonly line: IgnoringLine }[];
}

/** Where the family stands in the repository, and its configuration. */
export interface FamilyPlace {
  /** The family's root, from the top of the repository; '' is the top. */
  readonly root: string;
  /** The configuration's name in it. */
  readonly file: string;
}

/** Explains a path (a file or a folder) from the top of the repository. */
export function explainPath(path: string, legs: readonly KeyedLeg[], { root, file }: FamilyPlace): PathExplanation {
  const own = (inner: string): string => (root === '' ? inner : `${root}/${inner}`);
  const direct = legs.flatMap((keyed) => reachesOf(path, keyed, own));
  const reached = new Set(direct.map(({ leg }) => leg));
  const through = throughTargets(legs, reached);
  const ignored = legs.flatMap(({ leg, inputs }) => {
    const origins = inputs.origins?.();
    const inner = origins === undefined ? undefined : innerPath(path, origins.folder);
    const line = inner === undefined || reached.has(leg.name) ? undefined : origins?.ignoredBy(inner);
    return line === undefined ? [] : [{ leg: leg.name, line }];
  });
  return { path, isConfiguration: path === own(file), reaches: [...direct, ...through], ignored };
}

function reachesOf(path: string, { leg, inputs }: KeyedLeg, own: (inner: string) => string): readonly PathReach[] {
  const { target, name } = leg;
  const found: PathReach[] = [];
  const dockerfile = inputs.dockerfile.path;
  if (inputs.origins !== undefined && path === own(dockerfile)) {
    found.push({ leg: name, how: 'dockerfile', by: 'its Dockerfile', place: { file: dockerfile } });
  }
  const ignoreFiles = ignoreFileNames(target.dockerfile);
  const inContext = target.context === '' ? ignoreFiles.inContext : `${target.context}/${ignoreFiles.inContext}`;
  if (path === own(ignoreFiles.besideDockerfile) || path === own(inContext)) {
    found.push({ leg: name, how: 'ignore file', by: 'decides what its context holds' });
  }
  const locked = innerPath(path, own('').replace(/\/$/, '')) ?? '';
  if (inputs.generator?.locked.find(locked) !== undefined) {
    found.push({ leg: name, how: 'generated', by: 'decides what a command brings' });
  }
  for (const taking of inputs.origins?.().takings ?? []) {
    if (!filesOf(taking).some((taken) => taken === path || taken.startsWith(`${path}/`) || path === '')) continue;
    const place = taking.line === undefined ? {} : { place: { file: dockerfile, line: taking.line } };
    found.push({ leg: name, how: taking.by === 'undecided' ? 'everything' : 'files', by: taking.text, ...place });
  }
  return found;
}

function innerPath(path: string, folder: string): string | undefined {
  if (folder === '') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** Legs that build on legs that are reached, however far. */
function throughTargets(legs: readonly KeyedLeg[], direct: ReadonlySet<string>): readonly PathReach[] {
  const all = new Set(direct);
  const found: PathReach[] = [];
  for (let before = -1; before < all.size; ) {
    before = all.size;
    for (const { leg, inputs } of legs) {
      if (all.has(leg.name)) continue;
      const below = legs.find(
        (other) =>
          inputs.buildsOn.includes(other.leg.target.name) &&
          platformIdentity(other.leg.platform) === platformIdentity(leg.platform) &&
          all.has(other.leg.name),
      );
      if (below === undefined) continue;
      all.add(leg.name);
      found.push({ leg: leg.name, how: 'target', by: below.leg.name });
    }
  }
  return found;
}
