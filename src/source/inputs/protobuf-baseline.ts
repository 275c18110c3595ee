/** What a .proto file counts as: its committed baseline while it only adds to that, else itself. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { ReadableTree, TreeEntry } from '../dockerfile/tree.ts';
import type { InputRule } from '../project/model.ts';
import { isAdditive } from './protobuf.ts';
import { readText } from './read-text.ts';

/** The content that the key takes, or why it is the file's own. */
export type CountsAs =
  | { readonly kind: 'baseline'; readonly id: string }
  | { readonly kind: 'itself'; readonly reason: string };

/** @throws FanfoldError `inputs.missing` where one of the two is not there */
export async function baselineOf(
  { file, baseline }: Extract<InputRule, { readonly kind: 'protobuf' }>,
  tree: ReadableTree,
  cancel: Cancel,
): Promise<CountsAs> {
  const [now, before] = [fileAt(tree, file), fileAt(tree, baseline)];
  if (now.id === before.id) return { kind: 'baseline', id: before.id };
  const [text, old] = [await readText(tree, file, cancel), await readText(tree, baseline, cancel)];
  const answer = await isAdditive(old, text);
  if (answer.additive) return { kind: 'baseline', id: before.id };
  return { kind: 'itself', reason: `${file} is more than an addition to ${baseline}, so it counts: ${answer.why}` };
}

function fileAt(tree: ReadableTree, path: string): TreeEntry {
  const entry = tree.find(path);
  if (entry?.kind === 'file') return entry;
  throw new FanfoldError(
    'inputs.missing',
    `${path}, which a protobuf rule of \`inputs\` names, is no file that is committed`,
    {
      place: { file: path },
      hint: 'correct the rule; a baseline is a committed copy of the file as it was last built for',
    },
  );
}
