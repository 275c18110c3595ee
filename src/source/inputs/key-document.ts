/** The document of a leg's key, made of its parts. */
import { digestOf } from '../../content/oci/digest.ts';
import type { Json } from '../../content/oci/json.ts';
import { formatPlatform } from '../../content/oci/platform.ts';
import type { BuilderSetting, NamedContext, Target } from '../project/model.ts';
import { type KeyDocument, type KeyedImage, keyFormat } from './key.ts';
import type { KeyParts, VolatileNames } from './key-parts.ts';
import { keyedStages } from './keyed-stages.ts';
import type { BaseImage } from './leg-inputs.ts';
import { ownMachineNames } from './machine-names.ts';

/** The document. Lists whose order decides nothing are sorted. */
export function keyDocument(parts: KeyParts): KeyDocument {
  const { leg, files, build, generated, volatile, shared, refresh } = parts;
  const { target, platform } = leg;
  const images = build?.images ?? [];
  const frontend = images.find(({ role }) => role === 'frontend');
  return {
    format: keyFormat,
    platform: formatPlatform(platform),
    frontend: frontend === undefined ? null : keyedImage(frontend),
    builder: keyedBuilder(target.builder, target, volatile),
    escape: build?.dockerfile.directives.escape ?? '\\',
    stages:
      build === undefined
        ? []
        : keyedStages(build.reached, volatile.args, ownMachineNames(build.dockerfile, target.args)),
    args: unusedButSeen(target, volatile),
    labels: without(target.labels, volatile.labels),
    annotations: target.annotations,
    bases: distinct(images.filter(({ role, context }) => role !== 'frontend' && context === undefined).map(keyedImage)),
    context: files.main.digest(),
    contexts: keyedContexts(parts),
    generated: generated.documents,
    secrets: sorted(target.secret.map(secretId)),
    ssh: sorted(target.ssh.map((text) => text.split('=')[0] ?? text)),
    network: target.network ?? null,
    attestations: { provenance: target.attestations.provenance, sbom: target.attestations.sbom },
    // Absent in the text, not null: families without them keep their keys.
    shared: shared?.digest(),
    inlineCache: target.cacheTo.some(isInline) || undefined,
    dockerfile: build?.foreignFrontend === undefined ? undefined : digestOf(parts.text),
    refresh,
  };
}

function keyedImage({ reference, digest }: BaseImage): KeyedImage {
  return digest === undefined ? { reference } : { reference, digest };
}

/** A command sees the target's name and its context's folder; a named builder, or how it is reached, changes nothing. */
function keyedBuilder(builder: BuilderSetting | undefined, target: Target, volatile: VolatileNames): Json {
  if (builder === undefined) return null;
  return builder.kind === 'command'
    ? { kind: builder.kind, run: builder.run, target: target.name, args: without(target.args, volatile.args) }
    : { kind: builder.kind };
}

const none: Readonly<Record<string, string>> = {};

function unusedButSeen({ args }: Target, volatile: VolatileNames): Readonly<Record<string, string>> {
  const isSeen = (name: string): boolean => name.startsWith('BUILDKIT_') || name === 'SOURCE_DATE_EPOCH';
  if (!Object.keys(args).some(isSeen)) return none;
  return without(Object.fromEntries(Object.entries(args).filter(([name]) => isSeen(name))), volatile.args);
}

function without(values: Readonly<Record<string, string>>, names: readonly string[]): Readonly<Record<string, string>> {
  if (names.length === 0) return values;
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));
}

function keyedContexts(parts: KeyParts): Readonly<Record<string, Json>> {
  const { contexts } = parts.leg.target;
  if (Object.keys(contexts).length === 0) return none;
  return Object.fromEntries(
    Object.entries(contexts).map(([name, context]) => [name, keyedContext(name, context, parts)]),
  );
}

function keyedContext(name: string, context: NamedContext, { below, files, build }: KeyParts): Json {
  const digests = build?.images.flatMap((image) => (image.context === name ? (image.digest ?? []) : [])) ?? [];
  switch (context.kind) {
    case 'folder':
      return { kind: 'folder', files: files.named.get(name)?.digest() ?? null };
    case 'target':
      return { kind: 'target', key: below.get(context.target) ?? null };
    case 'git':
      return { kind: 'git', url: context.url };
    case 'image':
      return { kind: context.kind, reference: context.reference, digests: sorted(digests) };
    case 'layout':
      // By its digest alone: the same content in another folder is the same.
      return {
        kind: context.kind,
        digests: sorted(digests),
        ...(digests.length === 0 ? { reference: context.reference } : {}),
      };
    default:
      return context satisfies never;
  }
}

/** Whether a cache export of Buildx goes into the image. */
function isInline(cacheTo: string): boolean {
  return cacheTo === 'inline' || cacheTo.split(',').includes('type=inline');
}

/** The id of BuildKit's `--secret` value, a CSV of `id=...`; what it is read from is no part of a key. */
function secretId(text: string): string {
  const id = text.split(',').find((field) => field.startsWith('id='));
  return id?.slice('id='.length) ?? text;
}

function sorted(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  return [...new Set(texts)].sort();
}

function distinct(images: readonly KeyedImage[]): readonly KeyedImage[] {
  if (images.length < 2) return images;
  const byText = new Map(images.map((image) => [JSON.stringify(image), image]));
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, image]) => image);
}
