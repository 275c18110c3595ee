/** Where a leg's files come from: each instruction that takes some, and what it takes. */
import { globalArgLines } from '../dockerfile/global-args.ts';
import { decidingLine, isIgnored } from '../dockerfile/ignore.ts';
import { type FileNeed, stageNeeds } from '../dockerfile/needs.ts';
import type { ReachedStage } from '../dockerfile/stages.ts';
import type { Leg } from '../project/model.ts';
import type { Selector } from './files.ts';
import { type LegFolders, wholeReasons } from './leg-files.ts';
import type { IgnoringLine, InputOrigins, Taking } from './leg-inputs.ts';
import type { ReachedBuild } from './reach.ts';
import type { SourceFolder } from './source-folder.ts';

/** The origins of a leg's files, for who asks: of the build, no more is held meanwhile than reaching it again takes. */
export function originsLater(
  leg: Leg,
  { dockerfile, reach, unknownBases }: ReachedBuild,
  folders: LegFolders,
  select: Selector,
): () => InputOrigins {
  return () => originsOf(leg, { dockerfile, reach, unknownBases }, folders, select);
}

/** In the order of the leg's stages; what is taken whole comes last. */
function originsOf(
  leg: Leg,
  build: Pick<ReachedBuild, 'dockerfile' | 'reach' | 'unknownBases'>,
  folders: LegFolders,
  select: Selector,
): InputOrigins {
  const reached = build.reach();
  const exact = reached.stages.flatMap((stage) => stageTakings(stage, folders, select));
  const whole = wholeReasons({ ...build, reached }, leg);
  return {
    stages: reached.stages,
    globalArgs: globalArgLines(build.dockerfile),
    takings: [...exact, ...bases(reached.stages, folders, select), ...wholeBecause(whole, folders, select)],
    ignoredBy: (path) => ignoredBy(folders.main, path),
    folder: folders.main.path,
  };
}

function ignoredBy({ ignore }: SourceFolder, path: string): IgnoringLine | undefined {
  if (path === '' || !isIgnored(ignore, path)) return undefined;
  const { place, text, negated } = decidingLine(ignore, path) ?? {};
  if (place?.file === undefined || place.line === undefined || text === undefined) return undefined;
  return { file: place.file, line: place.line, pattern: negated === true ? `!${text}` : text };
}

function stageTakings(stage: ReachedStage, folders: LegFolders, select: Selector): readonly Taking[] {
  return stageNeeds(stage).files.flatMap((need) => {
    const folder = folderOf(need, folders);
    if (folder === undefined) return [];
    const step = stage.steps.find(({ place }) => place.line === need.place.line);
    return [
      {
        by: need.by,
        ...(need.origin.kind === 'named' ? { context: need.origin.name } : {}),
        folder: folder.path,
        line: need.place.line,
        text: step?.instruction.source ?? need.by,
        entries: () => select(folder, [need.source], false).entries,
      },
    ];
  });
}

function folderOf({ origin }: FileNeed, folders: LegFolders): SourceFolder | undefined {
  if (origin.kind === 'context') return folders.main;
  return origin.kind === 'named' ? folders.named.get(origin.name) : undefined;
}

function bases(stages: readonly ReachedStage[], folders: LegFolders, select: Selector): readonly Taking[] {
  return stages.flatMap(({ base, place }) => {
    const folder = base.kind === 'named' ? folders.named.get(base.name) : undefined;
    if (folder === undefined || base.kind !== 'named') return [];
    const entries = () => select(folder, [], true).entries;
    return [
      { by: 'base', context: base.name, folder: folder.path, line: place.line, text: `FROM ${base.name}`, entries },
    ];
  });
}

function wholeBecause(reasons: readonly string[], { main }: LegFolders, select: Selector): readonly Taking[] {
  const entries = () => select(main, [], true).entries;
  return reasons.map((text) => ({ by: 'undecided', folder: main.path, text, entries }));
}
