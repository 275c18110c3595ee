// What people do to a checkout: files, lines and settings change.

import type { RandomCheckout, RandomStage } from './random-checkout.ts';
import type { FileSpec } from './repository.ts';

/** A change of a checkout. Places count round the lists that they are of. */
export type Mutation =
  | { readonly kind: 'file'; readonly path: string; readonly spec: FileSpec }
  | { readonly kind: 'edit'; readonly place: number; readonly spec: FileSpec }
  | { readonly kind: 'remove'; readonly place: number }
  | { readonly kind: 'rename'; readonly place: number; readonly path: string }
  | { readonly kind: 'line'; readonly place: number; readonly line: string }
  | { readonly kind: 'insert'; readonly place: number; readonly line: string }
  | { readonly kind: 'drop'; readonly place: number }
  | { readonly kind: 'from'; readonly place: number; readonly from: string }
  | { readonly kind: 'set'; readonly fields: Partial<RandomCheckout> };

/** The changed checkout. */
export function mutate(checkout: RandomCheckout, mutation: Mutation): RandomCheckout {
  const { tree, stages } = checkout;
  switch (mutation.kind) {
    case 'file':
      return { ...checkout, tree: { ...tree, [mutation.path]: mutation.spec } };
    case 'edit':
      return { ...checkout, tree: { ...tree, [pathAt(tree, mutation.place)]: mutation.spec } };
    case 'remove':
      return { ...checkout, tree: without(tree, pathAt(tree, mutation.place)) };
    case 'rename': {
      const path = pathAt(tree, mutation.place);
      return { ...checkout, tree: { ...without(tree, path), [mutation.path]: tree[path] ?? '' } };
    }
    case 'line':
      return { ...checkout, stages: atLine(stages, mutation.place, [mutation.line]) };
    case 'insert':
      return { ...checkout, stages: atLine(stages, mutation.place, [mutation.line], 0) };
    case 'drop':
      return { ...checkout, stages: atLine(stages, mutation.place, []) };
    case 'from': {
      const changed = mutation.place % stages.length;
      return {
        ...checkout,
        stages: stages.map((stage, at) => (at === changed ? { ...stage, from: mutation.from } : stage)),
      };
    }
    case 'set':
      return { ...checkout, ...mutation.fields };
    default:
      return mutation satisfies never;
  }
}

function pathAt(tree: RandomCheckout['tree'], place: number): string {
  const paths = Object.keys(tree).sort();
  return paths[place % paths.length] ?? 'a';
}

function without(tree: RandomCheckout['tree'], path: string): RandomCheckout['tree'] {
  return Object.fromEntries(Object.entries(tree).filter(([other]) => other !== path));
}

/** Puts lines in place of `count` lines of the stage that holds the line at a place, counted over all stages. */
function atLine(
  stages: readonly RandomStage[],
  place: number,
  lines: readonly string[],
  count = 1,
): readonly RandomStage[] {
  const total = stages.reduce((sum, stage) => sum + stage.lines.length, 0);
  let left = total === 0 ? 0 : place % total;
  let isDone = false;
  return stages.map((stage) => {
    if (isDone || left >= stage.lines.length) {
      left -= stage.lines.length;
      return stage;
    }
    isDone = true;
    return { ...stage, lines: stage.lines.toSpliced(left, count, ...lines) };
  });
}
