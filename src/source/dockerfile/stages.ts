/** The stages that a build reaches, with bases resolved and variables expanded as BuildKit does. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import type { Dockerfile, Instruction } from './instruction.ts';
import { reachFrom } from './reach.ts';
import type { ReachedStages, ReachOptions } from './reached-stage.ts';
import { readStages, type StageTable, type TableStage } from './stage-table.ts';

export type {
  BaseFacts,
  ReachedStage,
  ReachedStages,
  ReachOptions,
  StageBase,
  StagePlatform,
} from './reached-stage.ts';

/** The stages that the target needs, by FROM, COPY --from and a mount's `from`. Never throws for what the file says. */
export function reachedStages(dockerfile: Dockerfile, options: ReachOptions): ReachedStages {
  const diagnostics: Diagnostic[] = [];
  const report = (instruction: Instruction, error: unknown) => {
    if (!isFanfoldError(error)) throw error;
    const { code, message, hint } = error;
    const { line, column } = instruction.place;
    const place = { ...(dockerfile.file !== undefined && { file: dockerfile.file }), line, column };
    diagnostics.push({ code, severity: 'error', message, place, ...(hint !== undefined && { hint }) });
  };
  const table = readStages(dockerfile, options, report);
  try {
    const target = findTarget(table, options.stage);
    if (target === undefined) return { stages: [], target: -1, diagnostics };
    const stages = reachFrom(target, { dockerfile, options, table, report });
    return { stages, target: target.index, diagnostics };
  } catch (error) {
    const first = dockerfile.instructions.find(({ keyword }) => keyword === 'FROM') ?? dockerfile.instructions[0];
    if (first === undefined) throw error;
    report(first, error);
    return { stages: [], target: -1, diagnostics };
  }
}

function findTarget({ stages }: StageTable, wanted: string | undefined): TableStage | undefined {
  if (wanted === undefined) return stages.at(-1);
  const name = wanted.toLowerCase();
  const found = stages.findLast((stage) => stage.name === name);
  if (found !== undefined) return found;
  const names = stages.flatMap((stage) => stage.name ?? []);
  const nearest = nearestName(wanted, names);
  throw new FanfoldError('dockerfile.stage', `there is no stage ${wanted}`, {
    ...(nearest !== undefined && { hint: `write ${nearest}` }),
  });
}
