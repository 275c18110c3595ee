/** What makes a destination as it should be, in the order in which it is safe. */
import type { Descriptor } from '../content/oci/descriptor.ts';
import type { Digest } from '../content/oci/digest.ts';
import type { DesiredTarget } from './desired.ts';
import type { Observed } from './observed.ts';

/** One change of a destination. */
export type Change =
  | { readonly kind: 'content'; readonly manifest: Descriptor }
  | { readonly kind: 'index'; readonly index: Descriptor }
  | { readonly kind: 'tag'; readonly tag: string; readonly index: Descriptor; readonly from?: Digest };

/** Content first, then the index, then tags; a tag that is right is not in it. Empty where the destination is as it should be. */
export function differenceOf(desired: DesiredTarget, observed: Observed): readonly Change[] {
  const index = desired.merged.descriptor;
  const content = observed.missing.map((manifest): Change => ({ kind: 'content', manifest }));
  const indexes: readonly Change[] = observed.hasIndex && content.length === 0 ? [] : [{ kind: 'index', index }];
  const tags = desired.tags.flatMap((tag): readonly Change[] => {
    const from = observed.tags.get(tag);
    if (from === index.digest) return [];
    return [{ kind: 'tag', tag, index, ...(from === undefined ? {} : { from }) }];
  });
  return [...content, ...indexes, ...tags];
}
