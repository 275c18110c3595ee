/** The line of a Dockerfile that decides an argument which nobody gives. */
import type { InputOrigins } from '../source/inputs/leg-inputs.ts';

/** Where the argument gets its value: a stage's own default, else that for all stages, else where a stage declares it without one. */
export function argumentLine(name: string, origins: Pick<InputOrigins, 'stages' | 'globalArgs'>): number | undefined {
  const declared = origins.stages.flatMap(({ steps }) =>
    steps.flatMap(({ action, place }) => {
      const arg = action.kind === 'arg' ? action.args.find((one) => one.name === name) : undefined;
      return arg === undefined ? [] : [{ line: place.line, hasDefault: arg.value !== undefined }];
    }),
  );
  const own = declared.find(({ hasDefault }) => hasDefault);
  return (own ?? { line: origins.globalArgs.get(name) ?? declared[0]?.line }).line;
}
