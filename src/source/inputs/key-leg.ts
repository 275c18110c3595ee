/** Keys one leg: its Dockerfile, what that reaches and takes, and the document of all of it. */
import { isAbsolute, resolve } from 'node:path';
import { throwIfErrors } from '../../base/errors/diagnostic.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { canonicalJson, type Json } from '../../content/oci/json.ts';
import { parseReference, type Reference } from '../../content/oci/reference.ts';
import { isIgnored } from '../dockerfile/ignore.ts';
import type { BaseFacts } from '../dockerfile/stages.ts';
import { subtree } from '../git/subtree.ts';
import type { Family, Leg, NamedContext, Target } from '../project/model.ts';
import type { ImageResolver } from './bases.ts';
import { restrictedTree } from './context.ts';
import { type FamilySource, sourcePath } from './family-source.ts';
import type { Selector } from './files.ts';
import { type KeyDocument, keyOf } from './key.ts';
import { keyDocument } from './key-document.ts';
import type { KeyParts, VolatileNames } from './key-parts.ts';
import { declarationReasons, type LegFiles, type LegFolders, selectLegFiles } from './leg-files.ts';
import type { GeneratorInputs, Key, KeyedLeg, LegInputs } from './leg-inputs.ts';
import { buildsOn } from './legs.ts';
import { keyGenerated } from './lock.ts';
import { movingReasons } from './moving.ts';
import { originsLater } from './origins.ts';
import { type ReachContext, type ReachedBuild, reachBuild } from './reach.ts';
import type { DockerfileReader } from './read-dockerfile.ts';
import { fileAt } from './read-text.ts';
import { refreshPeriod } from './refresh.ts';
import type { SharedFinder } from './shared.ts';
import { type FolderOpener, ignoreFilesOf } from './source-folders.ts';

/** What all legs of a run share. */
export interface KeyingRun {
  readonly family: Family;
  readonly source: FamilySource;
  readonly resolver: ImageResolver;
  readonly locate: (written: string) => Reference;
  /** Images are left as written. */
  readonly asWritten: boolean;
  readonly select: Selector;
  readonly openFolders: FolderOpener;
  readonly readDockerfile: DockerfileReader;
  readonly shared: SharedFinder;
  /** The moment that decides periods of `refresh`, in milliseconds since 1970. */
  readonly nowMs: number;
  /** Targets that stay in the period before. */
  readonly deferred: ReadonlySet<string>;
  /** Whether it is keyed for a Git tag. */
  readonly onTag: boolean;
}

/** A keyed leg, and what its image's config will add to legs that start from it; undefined where that is not known. */
export interface KeyingResult {
  readonly keyed: KeyedLeg;
  readonly facts?: BaseFacts;
  /** Whether its image may hold an ONBUILD of its own Dockerfile. */
  readonly mayHoldOnbuild: boolean;
}

/** Keys one leg, those that it builds on being keyed already, by target. @throws FanfoldError, DiagnosticsError */
export async function keyLeg(
  leg: Leg,
  below: ReadonlyMap<string, KeyingResult>,
  run: KeyingRun,
  cancel: Cancel,
): Promise<KeyingResult> {
  const folders = await run.openFolders(leg, cancel);
  const generated = keyGenerated(leg.target, run.source);
  // Written out, not spread together: all legs' parts then have one shape, which is quicker to make and to read.
  const partsOf = (files: LegFiles, build: ReachedBuild | undefined, text: string): KeyParts => ({
    leg,
    below: keysOf(below),
    generated,
    files,
    volatile: volatileNames(leg.target, run.onTag),
    shared: run.shared(leg.target),
    refresh: periodOf(leg.target, run),
    text,
    build,
  });
  if (leg.target.builder?.kind === 'command') {
    const files = takeWhole(folders, run.select);
    return { keyed: keyedLeg(partsOf(files, undefined, ''), below, folders, run), mayHoldOnbuild: true };
  }
  const { text, dockerfile, diagnostics } = await run.readDockerfile(leg.target, cancel);
  throwIfErrors(diagnostics);
  const context = reachContext(leg, below, dockerfile.directives.syntax, run);
  const build = await reachBuild(dockerfile, context, cancel);
  const files = selectLegFiles(leg, build, folders, run.select);
  const keyed = keyedLeg(partsOf(files, build, text), below, folders, run);
  return { keyed, mayHoldOnbuild: mayHoldOnbuild(build), ...optional('facts', factsOf(build)) };
}

const noKeys: ReadonlyMap<string, Key> = new Map();

function keysOf(below: ReadonlyMap<string, KeyingResult>): ReadonlyMap<string, Key> {
  return below.size === 0 ? noKeys : new Map([...below].map(([name, { keyed }]) => [name, keyed.key]));
}

function inputsOf(below: ReadonlyMap<string, KeyingResult>): readonly (readonly [string, LegInputs])[] {
  return [...below].map(([name, { keyed }]) => [name, keyed.inputs] as const);
}

function keyedLeg(
  parts: KeyParts,
  below: ReadonlyMap<string, KeyingResult>,
  folders: LegFolders,
  { source, select }: KeyingRun,
): KeyedLeg {
  const { leg, files, build, shared, text } = parts;
  const document: KeyDocument = keyDocument(parts);
  const restricted = [...files.named].map(([name, { entries }]) => {
    const folder = folders.named.get(name) ?? folders.main;
    return [name, restrictedTree(folder.tree, entries)] as const;
  });
  const inputs: LegInputs = {
    dockerfile: { path: leg.target.dockerfile, text },
    context: restrictedTree(folders.main.tree, files.main.entries),
    folders: new Map(restricted),
    bases: build?.images ?? [],
    buildsOn: buildsOn(leg.target),
    args: leg.target.args,
    undecided: files.undecided,
    moving: movingReasons(leg.target, files.moving, inputsOf(below)),
    dirty: isDirty(parts, folders, source),
    generator: generatorInputs(parts, folders, source),
    shared,
    unseen: unseenOf(document),
    origins: build && originsLater(leg, build, folders, select),
  };
  return {
    leg,
    key: keyOf(document),
    // Worked out again for whoever asks: a large family's texts together would take hundreds of megabytes.
    get document() {
      return canonicalJson(document);
    },
    inputs,
  };
}

function unseenOf({ refresh, shared }: KeyDocument): string | undefined {
  const unseen = { ...optional('refresh', refresh), ...optional('shared', shared) };
  return Object.keys(unseen).length === 0 ? undefined : canonicalJson(unseen);
}

function volatileNames({ volatile, volatileLabels = [], volatileExcept }: Target, onTag: boolean): VolatileNames {
  if (onTag && volatileExcept === 'tags') return { args: [], labels: [] };
  return { args: volatile, labels: volatileLabels };
}

function periodOf({ refresh, name }: Target, { nowMs, deferred }: KeyingRun): Json | undefined {
  if (refresh === undefined || refresh === 'never') return undefined;
  return refreshPeriod(refresh, name, nowMs, deferred.has(name));
}

function generatorInputs(
  { leg, generated }: KeyParts,
  folders: LegFolders,
  source: FamilySource,
): GeneratorInputs | undefined {
  if (leg.target.generated.length === 0) return undefined;
  return {
    locked: subtree(restrictedTree(source.tree, generated.entries), source.root),
    isIgnored: (path) => isIgnored(folders.main.ignore, path),
  };
}

function takeWhole(folders: LegFolders, select: Selector): LegFiles {
  const named = [...folders.named].map(([name, folder]) => [name, select(folder, [], true)] as const);
  const main = select(folders.main, [], true);
  return { main, named: new Map(named), undecided: declarationReasons(folders.main, main), moving: [] };
}

function reachContext(
  leg: Leg,
  below: ReadonlyMap<string, KeyingResult>,
  syntax: string | undefined,
  run: KeyingRun,
): ReachContext {
  const { builder, args } = leg.target;
  // Only BuildKit loads a frontend; where no builder is named, it may be the one that is chosen.
  const loadsFrontend = builder === undefined || builder.kind === 'buildx';
  const frontend = loadsFrontend ? (args['BUILDKIT_SYNTAX'] ?? syntax) : undefined;
  return {
    leg,
    locate: run.locate,
    resolver: run.resolver,
    contextFacts: contextFacts(leg.target, below),
    frontend,
    asWritten: run.asWritten ? { withoutOnbuild: withoutOnbuild(leg, below) } : undefined,
  };
}

function contextFacts({ contexts }: Target, below: ReadonlyMap<string, KeyingResult>): ReadonlyMap<string, BaseFacts> {
  const facts = new Map<string, BaseFacts>();
  for (const [name, context] of Object.entries(contexts)) {
    const known = factsOfContext(context, below);
    if (known !== undefined) facts.set(name, known);
  }
  return facts;
}

/** A folder has no config. */
const nothing: BaseFacts = { env: [], onbuild: [] };

function factsOfContext(context: NamedContext, below: ReadonlyMap<string, KeyingResult>): BaseFacts | undefined {
  if (context.kind === 'folder') return nothing;
  return context.kind === 'target' ? below.get(context.target)?.facts : undefined;
}

function withoutOnbuild({ target }: Leg, below: ReadonlyMap<string, KeyingResult>): ReadonlySet<string> {
  const names = Object.entries(target.contexts).flatMap(([name, context]) =>
    context.kind === 'target' && below.get(context.target)?.mayHoldOnbuild === false ? [name] : [],
  );
  return new Set(names);
}

function mayHoldOnbuild({ reached, unknownBases }: ReachedBuild): boolean {
  return (
    unknownBases.length > 0 || reached.stages.some(({ steps }) => steps.some(({ action }) => action.kind === 'onbuild'))
  );
}

/** Reads references, each text once, and makes a layout's path absolute. @throws FanfoldError `content.invalid` where it is none */
export function createLocator(root: string): (written: string) => Reference {
  const known = new Map<string, Reference>();
  return (written) => {
    const reference = known.get(written) ?? absolute(parseReference(written), root);
    known.set(written, reference);
    return reference;
  };
}

function absolute(reference: Reference, root: string): Reference {
  const { location } = reference;
  if (location.kind === 'registry' || isAbsolute(location.path)) return reference;
  return { ...reference, location: { kind: 'layout', path: resolve(root, location.path) } };
}

/** What the config of a build's image will hold, where that can be told. */
function factsOf({ reached, unknownBases, assumedBases }: ReachedBuild): BaseFacts | undefined {
  const target = reached.stages.at(-1);
  if (target === undefined || unknownBases.length > 0 || assumedBases.length > 0) return undefined;
  if (reached.stages.some(({ undecided }) => undecided.length > 0)) return undefined;
  const onbuild = target.steps.flatMap(({ action }) => (action.kind === 'onbuild' ? [action.expression] : []));
  return { env: target.env.map(({ name, value }) => `${name}=${value}`), onbuild };
}

/** Whether a file that decides the leg is not as committed, or one that may have been taken is gone. */
function isDirty({ leg, files, generated, shared }: KeyParts, folders: LegFolders, source: FamilySource): boolean {
  if (source.isCommitted) return false;
  const texts = [sourcePath(source, leg.target.dockerfile), ...ignoreFilesOf(source, leg.target)];
  const decisive = [
    ...texts,
    // Where a link leads to, the text stands there.
    ...texts.flatMap((path) => fileAt(source.tree, path)?.path ?? []),
    ...generated.entries.map(({ path }) => path),
    ...(shared?.entries ?? []).map(({ path }) => sourcePath(source, path)),
  ];
  if (decisive.some((path) => source.isDirty(path))) return true;
  const pairs = [
    { folder: folders.main, taken: files.main },
    ...[...files.named].map(([name, taken]) => ({ folder: folders.named.get(name) ?? folders.main, taken })),
  ];
  return pairs.some(({ folder, taken }) => {
    const within = folder.path === '' ? '' : `${folder.path}/`;
    return source.missing.some((path) => path.startsWith(within)) || taken.isDirty();
  });
}
