/** What a build of a leg reaches: its stages, with what base images' configs add, and the images that they are made from. */
import { throwIfErrors } from '../../base/errors/diagnostic.ts';
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { formatReference, type Reference } from '../../content/oci/reference.ts';
import { isDockersFrontend } from '../dockerfile/frontend.ts';
import type { Dockerfile, TextRange } from '../dockerfile/instruction.ts';
import { formatStagePlatform } from '../dockerfile/platform-args.ts';
import { type BaseFacts, type ReachedStages, reachedStages } from '../dockerfile/stages.ts';
import type { Leg, NamedContext } from '../project/model.ts';
import { checkPolicy, type ImageResolver } from './bases.ts';
import { type ImageUse, imageUses } from './image-uses.ts';
import type { BaseImage } from './leg-inputs.ts';

/** A leg's build, as far as its Dockerfile and its bases' configs tell it. */
export interface ReachedBuild {
  readonly dockerfile: Dockerfile;
  readonly reached: ReachedStages;
  readonly images: readonly BaseImage[];
  /** Bases whose config is not known, in words: they may hold an ONBUILD that takes files. */
  readonly unknownBases: readonly string[];
  /** The frontend that reads the Dockerfile, where it is not Docker's: what it takes of a line cannot be told. */
  readonly foreignFrontend?: string;
  /** Bases that were left as written: their ENV is not known, and an ONBUILD of theirs is not seen. */
  readonly assumedBases: readonly string[];
  /** The stages again, for who asks where an input comes from: nothing of them is held meanwhile. */
  readonly reach: () => ReachedStages;
}

/** What reaching needs beside the Dockerfile. */
export interface ReachContext {
  readonly leg: Leg;
  readonly resolver: ImageResolver;
  /** A reference from its text, a layout's path made absolute. @throws FanfoldError `content.invalid` */
  readonly locate: (written: string) => Reference;
  /** What the configs of targets will add, by the named contexts that they are. */
  readonly contextFacts: ReadonlyMap<string, BaseFacts>;
  /** The frontend that reads the Dockerfile; undefined where none is named, or the builder reads it itself. */
  readonly frontend: string | undefined;
  /** Images are left as written: none is looked at, and none is taken to bring an ONBUILD; nor are these named contexts. */
  readonly asWritten: { readonly withoutOnbuild: ReadonlySet<string> } | undefined;
}

/** Every round a base's ONBUILD may name images that were not known before. */
const maxRounds = 10;

/**
 * Reaches the stages of a leg.
 * @throws DiagnosticsError what the Dockerfile gets wrong; FanfoldError `inputs.base`, `inputs.unpinned`, what reading an image throws
 */
export async function reachBuild(dockerfile: Dockerfile, context: ReachContext, cancel: Cancel): Promise<ReachedBuild> {
  const facts = new Map(context.contextFacts);
  const images = new Map<string, BaseImage>();
  let reached = reachWith(dockerfile, context.leg, facts);
  for (let round = 0; ; round++) {
    const uses = [...frontendUse(context), ...imageUses(reached, context.leg.target.contexts)];
    const news = distinct(uses).filter((use) => !images.has(identityOf(use)));
    if (news.length > 0 && round === maxRounds) {
      throw new FanfoldError('inputs.base', 'bases that add bases have no end');
    }
    // What is not asked for is not waited for.
    const found: readonly ResolvedUse[] = isAsking(context)
      ? await Promise.all(news.map((use) => resolveUse(use, dockerfile, context, cancel)))
      : news.map((use) => ({ use, image: nameImage(use, dockerfile, context).image }));
    for (const { use, image } of found) images.set(identityOf(use), image);
    const learned = found.filter(({ use, facts: added }) => added !== undefined && use.role === 'from');
    if (learned.length === 0) break;
    for (const { use, facts: added } of learned) if (added !== undefined) addFacts(facts, use.name, added);
    reached = reachWith(dockerfile, context.leg, facts);
  }
  throwIfErrors(reached.diagnostics);
  return reachedBuild(dockerfile, reached, [...images.values()], facts, context);
}

function reachedBuild(
  dockerfile: Dockerfile,
  reached: ReachedStages,
  images: readonly BaseImage[],
  facts: ReadonlyMap<string, BaseFacts>,
  context: ReachContext,
): ReachedBuild {
  const notRead = basesNotRead(reached, facts, context);
  const assuming = (stages: ReachedStages) => (notRead.assumedBases.length === 0 ? stages : withoutDoubts(stages));
  const reach = () => assuming(reachWith(dockerfile, context.leg, facts));
  const { frontend } = context;
  const isForeign = frontend !== undefined && !isDockersFrontend(frontend);
  const foreign = isForeign ? { foreignFrontend: frontend } : {};
  return { dockerfile, reached: assuming(reached), images, ...notRead, ...foreign, reach };
}

function reachWith(dockerfile: Dockerfile, leg: Leg, facts: ReadonlyMap<string, BaseFacts>): ReachedStages {
  const { target, platform } = leg;
  return reachedStages(dockerfile, {
    ...optional('stage', target.stage),
    platform,
    // One answer on every machine: what depends on where the build runs is undecided (see undecidedByMachine).
    buildPlatform: platform,
    args: target.args,
    contexts: new Set(Object.keys(target.contexts)),
    bases: facts,
  });
}

function identityOf({ role, name, platform }: ImageUse): string {
  return `${role} ${formatStagePlatform(platform)} ${name}`;
}

/** One name with two platforms whose configs differ is no longer known. */
function addFacts(facts: Map<string, BaseFacts>, name: string, added: BaseFacts): void {
  const known = facts.get(name);
  if (known === undefined || JSON.stringify(known) === JSON.stringify(added)) facts.set(name, added);
  else facts.delete(name);
}

interface ResolvedUse {
  readonly use: ImageUse;
  readonly image: BaseImage;
  readonly facts?: BaseFacts;
}

/** Whether images are looked at. */
function isAsking({ leg, asWritten }: ReachContext): boolean {
  return asWritten === undefined && leg.target.bases !== 'ignore';
}

async function resolveUse(
  use: ImageUse,
  dockerfile: Dockerfile,
  context: ReachContext,
  cancel: Cancel,
): Promise<ResolvedUse> {
  const { image, reference } = nameImage(use, dockerfile, context);
  try {
    if (use.role === 'frontend')
      return { use, image: { ...image, digest: await context.resolver.digest(reference, cancel) } };
    const found = await context.resolver.image(reference, use.platform, cancel);
    return { use, image: { ...image, digest: found.digest, manifest: found.manifest }, facts: found.facts };
  } catch (error) {
    throw atPlace(error, use, dockerfile);
  }
}

/** An image as it is written, which the family's policy for bases allows. */
function nameImage(
  use: ImageUse,
  dockerfile: Dockerfile,
  context: ReachContext,
): { readonly image: BaseImage; readonly reference: Reference } {
  const { role, name, written, named } = use;
  const { bases } = context.leg.target;
  try {
    const reference = context.locate(written);
    if (bases !== 'ignore') checkPolicy(reference, bases);
    const text = reference.location.kind === 'layout' ? formatReference(reference) : written;
    return { reference, image: named ? { role, reference: text, context: name } : { role, reference: text } };
  } catch (error) {
    throw atPlace(error, use, dockerfile);
  }
}

function atPlace(error: unknown, use: ImageUse, dockerfile: Dockerfile): unknown {
  if (!isFanfoldError(error)) return error;
  return new FanfoldError(error.code, error.message, {
    place: { ...optional('file', dockerfile.file), ...placeOf(use.place), ...error.place },
    ...optional('hint', error.hint),
    cause: error,
  });
}

function frontendUse({ frontend, leg }: ReachContext): readonly ImageUse[] {
  if (frontend === undefined) return [];
  return [{ role: 'frontend', name: frontend, written: frontend, named: false, platform: leg.platform }];
}

function distinct(uses: readonly ImageUse[]): readonly ImageUse[] {
  return [...new Map(uses.map((use) => [identityOf(use), use])).values()];
}

/** Stages whose doubts count only where a COPY, ADD or mount has them: those have their own. */
function withoutDoubts(reached: ReachedStages): ReachedStages {
  const stages = reached.stages.map((stage) => (stage.undecided.length === 0 ? stage : { ...stage, undecided: [] }));
  return { ...reached, stages };
}

/** The bases of reached stages whose config nobody read. */
function basesNotRead(
  { stages }: ReachedStages,
  facts: ReadonlyMap<string, BaseFacts>,
  context: ReachContext,
): Pick<ReachedBuild, 'unknownBases' | 'assumedBases'> {
  const names = stages.flatMap(({ base }) => {
    if (base.kind === 'image') return [base.reference];
    return base.kind === 'named' ? [base.name] : [];
  });
  const notRead = [...new Set(names)].filter((name) => !facts.has(name));
  const isAssumed = (name: string): boolean => isLeftAsWritten(name, context);
  const unknown = notRead.filter((name) => !isAssumed(name));
  return {
    unknownBases: unknown.map((name) => `the config of ${name} is not known: its ENV or ONBUILD may take files`),
    assumedBases: notRead.filter(isAssumed),
  };
}

/** Whether a base is one whose config would have been read if images were looked at. `bases: ignore` has its own answer: unknown. */
function isLeftAsWritten(name: string, { asWritten, leg }: ReachContext): boolean {
  if (asWritten === undefined || leg.target.bases === 'ignore') return false;
  const context = leg.target.contexts[name];
  return context === undefined || isImage(context) || asWritten.withoutOnbuild.has(name);
}

function isImage({ kind }: NamedContext): boolean {
  return kind === 'image' || kind === 'layout';
}

function placeOf(range: TextRange | undefined): { readonly line?: number; readonly column?: number } {
  return range === undefined ? {} : { line: range.line, column: range.column };
}
