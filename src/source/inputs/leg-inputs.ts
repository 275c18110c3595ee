/** What a leg is made of, and how it is keyed: the contract between the inputs, the plan and the builders. */
import type { Descriptor } from '../../content/oci/descriptor.ts';
import type { Digest } from '../../content/oci/digest.ts';
import type { ReachedStage } from '../dockerfile/reached-stage.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import type { Leg } from '../project/model.ts';
import type { SharedFiles } from './shared.ts';

/** The SHA-256 over everything that decides a leg's content, 64 hexadecimal digits. */
export type Key = string & { readonly brand: 'Key' };

/** A leg with its key and all that a builder needs. */
export interface KeyedLeg {
  readonly leg: Leg;
  readonly key: Key;
  /** The canonical JSON that the key hashes, for explain and for tests. */
  readonly document: string;
  readonly inputs: LegInputs;
}

/** What decides a leg's content. */
export interface LegInputs {
  readonly dockerfile: { readonly path: string; readonly text: string };
  /** The keyed files of the main context and nothing else; generated files are not in it before `withGenerated`. */
  readonly context: ReadableTree;
  /** Folders among the named contexts, by name: their keyed files. */
  readonly folders: ReadonlyMap<string, ReadableTree>;
  /** Every image that the reached stages are made from or copy from, the frontend included. */
  readonly bases: readonly BaseImage[];
  /** Names of the targets of the same family that this leg builds on. */
  readonly buildsOn: readonly string[];
  /** All build arguments, volatile ones included. */
  readonly args: Readonly<Record<string, string>>;
  /** Why more than the exact files were selected, in words; empty where all is exact. */
  readonly undecided: readonly string[];
  /**
   * Why each build of the leg may give another image under the same key, in words: what it fetches is named by no content, or it builds on such a leg.
   * Empty where its target says by `refresh` when that is looked for.
   */
  readonly moving: readonly string[];
  /** True where files of the work tree were read that are not as committed: such a leg never enters a shared staging. */
  readonly dirty: boolean;
  /** What the commands of `generated` are run on; absent where the target has none. */
  readonly generator?: GeneratorInputs | undefined;
  /** Files that a rule of `shared` names for the target; absent where none does. */
  readonly shared?: Pick<SharedFiles, 'entries' | 'placeOf'> | undefined;
  /**
   * What decides the leg and is in no instruction or file that a builder sees (the period of `refresh`, files of `shared`), as canonical JSON: steps that
   * were made under another must not come out of a cache. Absent where there is nothing of the kind.
   */
  readonly unseen?: string | undefined;
  /** Where inputs come from in the Dockerfile, worked out when it is asked; absent where a command builds. */
  readonly origins?: (() => InputOrigins) | undefined;
}

/** What a leg's Dockerfile says of where inputs come from. */
export interface InputOrigins {
  /** Every stage that the build reaches. */
  readonly stages: readonly ReachedStage[];
  /** The lines of arguments that are declared for all stages, by name. */
  readonly globalArgs: ReadonlyMap<string, number>;
  readonly takings: readonly Taking[];
  /** Where the main context stands in the repository; '' is its top. */
  readonly folder: string;
  /** The line that leaves a path of the main context out of it; undefined where none does. */
  readonly ignoredBy: (path: string) => IgnoringLine | undefined;
}

/** A line of an ignore file; `file` is from the top of the repository. */
export interface IgnoringLine {
  readonly file: string;
  readonly line: number;
  readonly pattern: string;
}

/** What one instruction takes from a folder. */
export interface Taking {
  /** `base`: a stage starts from the folder; `undecided`: more than the exact files are taken. */
  readonly by: 'COPY' | 'ADD' | 'mount' | 'base' | 'undecided';
  /** The named context, or undefined for the main one. */
  readonly context?: string;
  /** Where the folder stands in the repository; '' is its top. */
  readonly folder: string;
  /** The line of the Dockerfile; undefined where no single one decides. */
  readonly line?: number;
  /** The instruction as written, or why more is taken. */
  readonly text: string;
  /** What is taken, paths from the folder. */
  readonly entries: () => readonly TreeEntry[];
}

/** What a command that brings files is given, and which of them the build may see. */
export interface GeneratorInputs {
  /** The lock files and the files that the commands' arguments name, by their paths from the family's root. */
  readonly locked: ReadableTree;
  /** Whether the main context's ignore file takes a path out of it. */
  readonly isIgnored: (path: string) => boolean;
}

/** An image that a Dockerfile names. */
export interface BaseImage {
  readonly role: 'from' | 'copy-from' | 'mount' | 'frontend';
  /** As written in the Dockerfile, variables expanded: what a builder must force to `digest`. For a named context, what that is. */
  readonly reference: string;
  /** The named context by which the Dockerfile knows it; absent where the reference itself stands there. */
  readonly context?: string;
  /** The index or manifest that the reference named when the key was made; absent with `bases: ignore`. */
  readonly digest?: Digest;
  /** The manifest of the stage's platform (the leg's own, where FROM says no other), where it was read. */
  readonly manifest?: Descriptor;
}
