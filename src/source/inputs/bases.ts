/** Images that a build is made from: a reference to its digest, the manifest of a platform, and what its config adds to the build. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { asRecord, type Descriptor, optional } from '../../content/oci/descriptor.ts';
import type { Digest } from '../../content/oci/digest.ts';
import { parseJson } from '../../content/oci/json.ts';
import { maxManifestBytes, parseManifest } from '../../content/oci/manifest.ts';
import { isIndexType } from '../../content/oci/media-types.ts';
import { formatPlatform, normalizePlatform, type Platform, platformIdentity } from '../../content/oci/platform.ts';
import { formatReference, type Location, type Reference } from '../../content/oci/reference.ts';
import { assertSize, collect } from '../../content/store/bytes.ts';
import { createPool } from '../../content/store/pool.ts';
import type { Source } from '../../content/store/store.ts';
import type { BaseFacts } from '../dockerfile/stages.ts';

/** Opens the place where a reference's content is read. */
export type OpenSource = (location: Location, cancel?: Cancel) => Promise<Source>;

/** An image that was found. */
export interface FoundImage {
  /** The index or manifest that the reference names now. */
  readonly digest: Digest;
  /** The manifest of the platform that was asked for. */
  readonly manifest: Descriptor;
  readonly facts: BaseFacts;
}

/** Finds images; each reference is resolved once in a resolver's life, so that all legs of a run mean the same. */
export interface ImageResolver {
  /** What a reference names. @throws FanfoldError `inputs.base` where there is nothing, what the source throws */
  digest(reference: Reference, cancel: Cancel): Promise<Digest>;
  /** The image for a platform. @throws FanfoldError `inputs.base` where it has none for it */
  image(reference: Reference, platform: Platform, cancel: Cancel): Promise<FoundImage>;
  /** What tags in registries were resolved to so far, by their reference as text: what another job must be told to mean the same. */
  resolved(): ReadonlyMap<string, Digest>;
}

/** Config of an image at the most: Docker's own bound is less. */
const maxConfigBytes = 8 * 1024 * 1024;
/** Indexes in indexes at the most. */
const maxNesting = 4;
const atOnce = 8;

/** A resolver for one run. `known` holds what another job of the run resolved already: it is not asked for again. */
export function createResolver(open: OpenSource, known: ReadonlyMap<string, Digest> = new Map()): ImageResolver {
  const pool = createPool(atOnce);
  const roots = new Map<string, Promise<Root>>();
  const images = new Map<string, Promise<FoundImage>>();
  const resolved = new Map<string, Digest>();
  const findOnce = async (reference: Reference, cancel: Cancel): Promise<Root> => {
    const found = await findRoot(pinned(reference, known), open, cancel);
    const isTagged = reference.digest === undefined && reference.location.kind === 'registry';
    if (isTagged) resolved.set(formatReference(reference), found.descriptor.digest);
    return found;
  };
  const root = (reference: Reference, cancel: Cancel): Promise<Root> =>
    once(roots, formatReference(reference), () => pool(() => findOnce(reference, cancel)));
  return {
    resolved: () => resolved,
    digest: async (reference, cancel) => (await root(reference, cancel)).descriptor.digest,
    image: (reference, platform, cancel) =>
      once(images, `${formatReference(reference)} ${platformIdentity(platform)}`, async () => {
        const found = await root(reference, cancel);
        return await pool(() => readImage(found, platform, cancel));
      }),
  };
}

function pinned(reference: Reference, known: ReadonlyMap<string, Digest>): Reference {
  return reference.digest === undefined
    ? { ...reference, ...optional('digest', known.get(formatReference(reference))) }
    : reference;
}

/** One promise for each name; one that failed is not kept. */
async function once<T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(name) ?? make();
  known.set(name, made);
  try {
    return await made;
  } catch (error) {
    known.delete(name);
    throw error;
  }
}

/** What a reference names, and where it is read. */
interface Root {
  readonly reference: Reference;
  readonly source: Source;
  readonly descriptor: Descriptor;
}

async function findRoot(reference: Reference, open: OpenSource, cancel: Cancel): Promise<Root> {
  const source = await open(reference.location, cancel);
  // A digest says more than a tag beside it, as for every client.
  const descriptor = await source.resolve(reference.digest ?? reference.tag ?? 'latest', cancel);
  if (descriptor === undefined) {
    throw new FanfoldError('inputs.base', `${formatReference(reference)} is not there`, {
      hint: 'correct the reference, log in to its registry, or set `bases: ignore`',
    });
  }
  return { reference, source, descriptor };
}

async function readImage(root: Root, platform: Platform, cancel: Cancel): Promise<FoundImage> {
  const manifest = await descend(root, root.descriptor, platform, maxNesting, cancel);
  const image = parseManifest(await readBounded(root.source, manifest, maxManifestBytes, cancel), manifest.mediaType);
  if (image.kind !== 'manifest') throw new FanfoldError('inputs.base', `${manifest.digest} is no image`);
  const config = parseJson(await readBounded(root.source, image.config, maxConfigBytes, cancel), 'the image config');
  return { digest: root.descriptor.digest, manifest, facts: factsOf(config) };
}

async function descend(
  root: Root,
  descriptor: Descriptor,
  platform: Platform,
  levels: number,
  cancel: Cancel,
): Promise<Descriptor> {
  if (!isIndexType(descriptor.mediaType)) return descriptor;
  const index = parseManifest(
    await readBounded(root.source, descriptor, maxManifestBytes, cancel),
    descriptor.mediaType,
  );
  const chosen = index.kind === 'index' ? choosePlatform(index.manifests, platform) : undefined;
  if (chosen === undefined || levels === 0) {
    throw new FanfoldError(
      'inputs.base',
      `${formatReference(root.reference)} has no image for ${formatPlatform(platform)}`,
      {
        place: { digest: descriptor.digest, platform: formatPlatform(platform) },
        hint: 'take the platform out of the target, or another base image',
      },
    );
  }
  return await descend(root, chosen, platform, levels - 1, cancel);
}

async function readBounded(source: Source, content: Descriptor, maxBytes: number, cancel: Cancel): Promise<Uint8Array> {
  assertSize(content, maxBytes);
  return await collect(content, source.read(content, cancel));
}

/** The first manifest for the platform; where there is none, for the nearest older variant that it runs (arm/v6 on arm/v7). */
export function choosePlatform(manifests: readonly Descriptor[], platform: Platform): Descriptor | undefined {
  for (const wanted of runnable(normalizePlatform(platform))) {
    const found = manifests.find((one) => one.platform !== undefined && fits(one.platform, wanted));
    if (found !== undefined) return found;
  }
  return undefined;
}

function fits(found: Platform, wanted: Platform): boolean {
  const { os, architecture, variant } = normalizePlatform(found);
  return os === wanted.os && architecture === wanted.architecture && variant === wanted.variant;
}

/** The platform, then what else runs on it, best first: older variants, then the 32 bits of its 64, as containerd has them. */
function runnable(platform: Platform): readonly Platform[] {
  const { variant, ...plain } = platform;
  const version = Number(variant?.slice(1));
  const least = platform.architecture === 'arm' ? 5 : 1;
  const older = Number.isInteger(version) ? Math.max(0, Math.min(version, 99) - least) : 0;
  const variants = Array.from({ length: older }, (_, step) => ({ ...plain, variant: `v${version - 1 - step}` }));
  const narrow = narrower[platform.architecture] ?? [];
  return [platform, ...[...variants, ...narrow.map((one) => ({ os: platform.os, ...one }))].map(normalizePlatform)];
}

const narrower: Readonly<Record<string, readonly { readonly architecture: string; readonly variant?: string }[]>> = {
  amd64: [{ architecture: '386' }],
  arm64: ['v8', 'v7', 'v6', 'v5'].map((variant) => ({ architecture: 'arm', variant })),
};

function factsOf(config: unknown): BaseFacts {
  const field = asRecord(config, 'the image config')['config'];
  const settings = field === undefined || field === null ? {} : asRecord(field, 'the image config.config');
  return { env: strings(settings['Env']), onbuild: strings(settings['OnBuild']) };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/**
 * A reference with the digest that a policy demands.
 * @throws FanfoldError `inputs.unpinned` with `pinned` where the reference has no digest
 */
export function checkPolicy(reference: Reference, policy: 'resolve' | 'pinned' | 'ignore'): void {
  if (policy !== 'pinned' || reference.digest !== undefined) return;
  throw new FanfoldError(
    'inputs.unpinned',
    `${formatReference(reference)} has no digest, and \`bases: pinned\` demands one`,
    {
      hint: 'write it as name:tag@sha256:..., or set `bases: resolve`',
    },
  );
}
