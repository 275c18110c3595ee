/** One stage: its steps in order, over what it is made from. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Platform } from '../../content/oci/platform.ts';
import type { ReachedStage } from '../../source/dockerfile/stages.ts';
import type { CopyOrigin, CopyStep, Step } from '../../source/dockerfile/step.ts';
import type { ReadableTree } from '../../source/dockerfile/tree.ts';
import type { NamedContext } from '../../source/project/model.ts';
import { atPlace } from './at-place.ts';
import type { BaseLayer } from './base-image.ts';
import { applyToConfig, type ImageDraft, startImage, workingFolder } from './config.ts';
import { copyInto } from './copy.ts';
import type { ImageFinder } from './image-finder.ts';
import { cloneFolder, type Folder, newFolder } from './node.ts';
import { resolvePath } from './paths.ts';
import { applyChanges, type Change, type Editor, editorOf } from './rootfs.ts';
import { rootOfTree, type SourceView, viewStage, viewTree } from './source-view.ts';
import { resolveOwner } from './users.ts';

/** A layer of a stage: an image's, or what a step changed. */
export type StageLayer =
  | { readonly kind: 'base'; readonly layer: BaseLayer }
  | { readonly kind: 'made'; readonly changes: readonly Change[] };

/** A stage when it is done. */
export interface BuiltStage {
  readonly draft: ImageDraft;
  readonly layers: readonly StageLayer[];
  /** Its file system; not to be changed. */
  root(): Promise<Folder>;
}

/** What all stages of a build share. */
export interface StageSetting {
  readonly dockerfile: string;
  readonly context: ReadableTree;
  readonly folders: ReadonlyMap<string, ReadableTree>;
  readonly contexts: Readonly<Record<string, NamedContext>>;
  readonly images: ImageFinder;
  readonly platform: Platform;
  /** Stages that are done, by index. */
  readonly done: ReadonlyMap<number, BuiltStage>;
  /** RFC 3339. */
  readonly created: string;
}

/** Builds one stage whose needs are done. @throws FanfoldError with the Dockerfile's place */
export async function buildStage(stage: ReachedStage, setting: StageSetting): Promise<BuiltStage> {
  const start = await atPlace(setting.dockerfile, stage.place.line, () => startStage(stage, setting));
  const layers = [...start.layers];
  let draft = start.draft;
  let own: Folder | undefined;
  const editable = async (): Promise<Folder> => {
    own ??= cloneFolder(await start.root());
    return own;
  };
  for (const step of stage.steps) {
    await atPlace(setting.dockerfile, step.place.line, async () => {
      const changes = await carryOut(step, { draft, stage, isEmpty: layers.length === 0, editable }, setting);
      draft = applyToConfig(draft, step, setting.created);
      if (changes !== undefined) layers.push({ kind: 'made', changes });
    });
  }
  return { draft, layers, root: async () => own ?? (await start.root()) };
}

async function startStage(stage: ReachedStage, setting: StageSetting): Promise<BuiltStage> {
  const { base, platform } = stage;
  switch (base.kind) {
    case 'scratch':
      return { draft: startImage(undefined, setting.platform), layers: [], root: async () => newFolder() };
    case 'stage': {
      const before = doneStage(setting, base.stage);
      return { ...before, draft: startImage(before.draft.image, setting.platform) };
    }
    case 'image':
      return startFrom(await setting.images.byReference(base.reference, platform), setting);
    case 'named':
      return startFromContext(base.name, platform, setting);
    default:
      return base satisfies never;
  }
}

async function startFromContext(name: string, platform: Platform, setting: StageSetting): Promise<BuiltStage> {
  const folder = setting.folders.get(name);
  if (folder === undefined)
    return startFrom(await setting.images.byContext(name, namedContext(setting, name), platform), setting);
  const root = rootOfTree(folder);
  const editor = editorOf(newFolder());
  layOver(editor, root, '');
  return {
    draft: startImage(undefined, setting.platform),
    layers: [{ kind: 'made', changes: editor.changes() }],
    root: async () => root,
  };
}

function layOver(editor: Editor, folder: Folder, path: string): void {
  for (const [name, node] of folder.children) {
    const whole = path === '' ? name : `${path}/${name}`;
    if (node.kind !== 'folder') editor.put(whole, node);
    else {
      editor.putFolder(whole, node.meta);
      layOver(editor, node, whole);
    }
  }
}

function startFrom(image: Awaited<ReturnType<ImageFinder['byReference']>>, setting: StageSetting): BuiltStage {
  const layers = image.layers.map((layer): StageLayer => ({ kind: 'base', layer }));
  return { draft: startImage(image.config, setting.platform), layers, root: image.root };
}

/** A stage before a step. */
interface StageSoFar {
  readonly draft: ImageDraft;
  readonly stage: ReachedStage;
  /** Nothing has made a layer yet: there is no file system in which a name could be looked up. */
  readonly isEmpty: boolean;
  readonly editable: () => Promise<Folder>;
}

/** What a step changes in the file system; undefined where it makes no layer. */
async function carryOut(step: Step, before: StageSoFar, setting: StageSetting): Promise<readonly Change[] | undefined> {
  const { action } = step;
  if (action.kind === 'copy' || action.kind === 'add') return await copyStep(action, step, before, setting);
  if (action.kind !== 'workdir') return undefined;
  const after = applyToConfig(before.draft, step, setting.created);
  const folder = workingFolder(after.image.config);
  return folder === '/' ? undefined : await makeWorkingFolder(folder, before);
}

async function makeWorkingFolder(folder: string, { draft, isEmpty, editable }: StageSoFar): Promise<readonly Change[]> {
  const root = await editable();
  const user = draft.image.config.User ?? '';
  const owner = user === '' ? undefined : await resolveOwner(user, isEmpty ? undefined : root);
  const editor = editorOf(root);
  editor.makeFolders(resolvePath(root, folder), 0o755, owner);
  return editor.changes();
}

async function copyStep(
  action: CopyStep,
  step: Step,
  { draft, stage, isEmpty, editable }: StageSoFar,
  setting: StageSetting,
): Promise<readonly Change[]> {
  // As in BuildKit, --chmod makes a plain copy of a linked one.
  const isLinked = action.link && action.chmod === undefined;
  const view = await viewOf(action.origin, stage, setting);
  const root = await editable();
  const editor = editorOf(isLinked ? newFolder() : root);
  const names = isLinked || isEmpty ? undefined : root;
  const owner = action.chown === undefined ? undefined : await resolveOwner(action.chown, names);
  const job = { step: action, place: step.place, view, workingFolder: workingFolder(draft.image.config), owner };
  await copyInto(editor, job);
  const changes = editor.changes();
  if (isLinked) applyChanges(editorOf(root), changes);
  return changes;
}

async function viewOf(origin: CopyOrigin, stage: ReachedStage, setting: StageSetting): Promise<SourceView> {
  switch (origin.kind) {
    case 'context':
      return viewTree(setting.context);
    case 'scratch':
      return viewStage(newFolder());
    case 'stage':
      return viewStage(await doneStage(setting, origin.stage).root());
    case 'image':
      return viewStage(await (await setting.images.byReference(origin.reference, stage.platform)).root());
    case 'named': {
      const folder = setting.folders.get(origin.name);
      if (folder !== undefined) return viewTree(folder);
      const context = namedContext(setting, origin.name);
      return viewStage(await (await setting.images.byContext(origin.name, context, stage.platform)).root());
    }
    default:
      return origin satisfies never;
  }
}

function namedContext(setting: StageSetting, name: string): NamedContext {
  const context = setting.contexts[name];
  if (context === undefined) throw new FanfoldError('build.failed', `the context ${name} was not given`);
  return context;
}

function doneStage(setting: StageSetting, index: number): BuiltStage {
  const stage = setting.done.get(index);
  if (stage === undefined) throw new FanfoldError('build.failed', `stage ${index} is needed before it is built`);
  return stage;
}
