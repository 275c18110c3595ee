/** Every image that reached stages name: as a base, as the origin of a copy or a mount. */
import type { TextRange } from '../dockerfile/instruction.ts';
import type { ReachedStage, ReachedStages, StagePlatform } from '../dockerfile/stages.ts';
import type { CopyOrigin, Step } from '../dockerfile/step.ts';
import type { NamedContext } from '../project/model.ts';
import type { BaseImage } from './leg-inputs.ts';

/** One image in one role. */
export interface ImageUse {
  readonly role: BaseImage['role'];
  /** The reference as written, expanded; or the name of a named context. */
  readonly name: string;
  /** What a builder must force: the reference, or what the named context is. */
  readonly written: string;
  readonly named: boolean;
  readonly platform: StagePlatform;
  readonly place?: TextRange;
}

/** The images of the reached stages, each role of each once. Named contexts that are folders or Git repositories are none. */
export function imageUses(
  { stages }: Pick<ReachedStages, 'stages'>,
  contexts: Readonly<Record<string, NamedContext>>,
): readonly ImageUse[] {
  const uses: ImageUse[] = [];
  for (const stage of stages) {
    uses.push(...baseUse(stage, contexts));
    for (const step of stage.takers) uses.push(...stepUses(step, stage.platform, contexts));
  }
  return uses;
}

function baseUse(
  { base, platform, place }: ReachedStage,
  contexts: Readonly<Record<string, NamedContext>>,
): ImageUse[] {
  if (base.kind === 'scratch' || base.kind === 'stage') return [];
  return useOf('from', base, platform, place, contexts);
}

function stepUses(
  { action, place }: Step,
  platform: StagePlatform,
  contexts: Readonly<Record<string, NamedContext>>,
): ImageUse[] {
  switch (action.kind) {
    case 'copy':
    case 'add':
      return useOf('copy-from', action.origin, platform, place, contexts);
    case 'run':
      return action.mounts.flatMap((mount) => {
        const origin = mount.kind === 'bind' || mount.kind === 'cache' ? mount.origin : undefined;
        return origin === undefined ? [] : useOf('mount', origin, platform, place, contexts);
      });
    default:
      return [];
  }
}

function useOf(
  role: BaseImage['role'],
  origin: CopyOrigin,
  platform: StagePlatform,
  place: TextRange,
  contexts: Readonly<Record<string, NamedContext>>,
): ImageUse[] {
  if (origin.kind === 'image') {
    return [{ role, name: origin.reference, written: origin.reference, named: false, platform, place }];
  }
  const context = origin.kind === 'named' ? contexts[origin.name] : undefined;
  if (origin.kind !== 'named' || context === undefined) return [];
  const written = writtenOf(context);
  return written === undefined ? [] : [{ role, name: origin.name, written, named: true, platform, place }];
}

function writtenOf(context: NamedContext): string | undefined {
  switch (context.kind) {
    case 'image':
      return context.reference;
    case 'layout':
      return `oci:${context.reference}`;
    case 'target':
    case 'folder':
    case 'git':
      return undefined;
    default:
      return context satisfies never;
  }
}
