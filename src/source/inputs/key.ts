/** A leg's key: the document of all that decides its content, as canonical JSON, and the hash of it. */
import { createHash } from 'node:crypto';
import { canonicalPieces, type Json } from '../../content/oci/json.ts';
import type { Key } from './leg-inputs.ts';

/** The format's version: another one makes other keys of the same inputs, so that everything is built again. */
export const keyFormat = 'fanfold-key/1';

/**
 * What a key hashes. Left out on purpose: secrets' values, cache mounts and caches to read and write, what RUN fetches, the builder's
 * version, destinations, tags, staging, volatile arguments, the target's name (but where a command sees it), and where the Dockerfile
 * and the context stand.
 */
export interface KeyDocument {
  readonly format: typeof keyFormat;
  /** Another platform takes other bases and other instructions run. */
  readonly platform: string;
  /** A frontend decides what the instructions mean; null is the builder's own. */
  readonly frontend: KeyedImage | null;
  /** Builders differ in what they make of the same Dockerfile; a command decides all. null: Fanfold chooses. */
  readonly builder: Json;
  /** The escape character decides where lines and words end. */
  readonly escape: string;
  /** Only what the build reaches, without comments. */
  readonly stages: readonly KeyedStage[];
  /** BUILDKIT_* and SOURCE_DATE_EPOCH reach the build without being declared. */
  readonly args: Readonly<Record<string, string>>;
  /** Labels stand in the image's config. */
  readonly labels: Readonly<Record<string, string>>;
  /** Annotations stand in its manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** Images that stages start from, copy from or mount: their digests decide what is in them; under `bases: ignore`, their names. */
  readonly bases: readonly KeyedImage[];
  /** Every file that a COPY, ADD or bind mount takes from the main context, after .dockerignore: mode, id and path, hashed. */
  readonly context: string;
  /** Named contexts, by the names that the Dockerfile knows. */
  readonly contexts: Readonly<Record<string, Json>>;
  /** Files that a command brings: the command and what decides what it brings, never their bytes. */
  readonly generated: readonly Json[];
  /** A RUN sees whether a secret is there, and by which id. */
  readonly secrets: readonly string[];
  readonly ssh: readonly string[];
  /** What RUN can reach. null is the builder's default. */
  readonly network: string | null;
  /** Attestations are part of what is published. */
  readonly attestations: Json;
  /** Files that no Dockerfile shows, where a rule says that they decide: mode, id and path, hashed. */
  readonly shared?: string | undefined;
  /** Where a cache is exported into the image itself: its config then tells of the steps. */
  readonly inlineCache?: true | undefined;
  /** Under a frontend that is not Docker's, which may read any line as it likes: the hash of the whole Dockerfile. */
  readonly dockerfile?: string | undefined;
  /** Another period is built again, for what no key can see: packages that RUN fetches. */
  readonly refresh?: Json | undefined;
}

/** An image by what it was called and what that named. */
export interface KeyedImage {
  readonly reference: string;
  readonly digest?: string;
}

/** A stage. */
export interface KeyedStage {
  /** scratch, an image's reference, a named context, or the place of another stage among the reached ones. */
  readonly base: Json;
  /** FROM may take its base for another platform. */
  readonly platform: string;
  /** Arguments that are declared in it or read by its FROM; null: declared and not given. */
  readonly args: Readonly<Record<string, string | null>>;
  /** The instructions as written, continuation lines joined; with them the stages that they copy from. */
  readonly steps: readonly Json[];
}

/** A document's key: SHA-256 over its canonical JSON (RFC 8785), 64 hexadecimal digits. */
export function keyOf(document: KeyDocument): Key {
  const hash = createHash('sha256');
  for (const piece of canonicalPieces(document)) hash.update(piece);
  return hash.digest('hex') as Key;
}
