/** A target's tag rules and flavor, read together. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { parseFlavor } from './flavor.ts';
import { parseRules } from './rule.ts';
import type { TagRules } from './rules.ts';

/**
 * The rules that metadata-action's `tags` and `flavor` inputs spell. A mistake's line and column (from 1) count in the text that it
 * stands in; rules with a mistake are left out.
 */
export function parseTagRules(
  text: string,
  flavorText = '',
): { readonly rules: TagRules; readonly diagnostics: readonly Diagnostic[] } {
  const { rules, diagnostics } = parseRules(text);
  const { flavor, diagnostics: ofFlavor } = parseFlavor(flavorText);
  return { rules: { rules, flavor }, diagnostics: [...diagnostics, ...ofFlavor] };
}
