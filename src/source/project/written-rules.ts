/** A target's tag rules and flavor, with the places of their mistakes in the file. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { parseFlavor } from '../tags/flavor.ts';
import type { TagRules } from '../tags/rules.ts';
import type { ExpandedTarget } from './expand.ts';
import { type Path, placeInText } from './source.ts';
import type { TargetContext } from './target-context.ts';
import type { YamlSource } from './yaml.ts';

/** The rules of a target; what is wrong goes to `diagnostics`. */
export function tagRulesOf(
  target: ExpandedTarget,
  { source, parseRules }: TargetContext,
  diagnostics: Diagnostic[],
): TagRules {
  const { tags, flavor: written } = target.fields;
  const { rules, diagnostics: inTags } = parseRules(textOf(tags));
  const { flavor, diagnostics: inFlavor } = parseFlavor(textOf(written));
  const tell = (found: readonly Diagnostic[], field: 'tags' | 'flavor'): void => {
    if (found.length === 0) return;
    const lines = linesOf(target.fields[field], target.originOf(field) ?? target.path);
    diagnostics.push(...found.map((mistake) => inFile(mistake, lines, source)));
  };
  tell(inTags, 'tags');
  tell(inFlavor, 'flavor');
  return { rules, flavor };
}

interface RuleLine {
  readonly text: string;
  readonly path: Path;
  /** Which line of the text at `path` it is, from 1. */
  readonly line: number;
}

function linesOf(value: string | readonly string[] | undefined, path: Path): readonly RuleLine[] {
  if (value === undefined) return [];
  const texts =
    typeof value === 'string'
      ? [{ text: value, path }]
      : value.map((text, index) => ({ text, path: [...path, index] }));
  return texts.flatMap(({ text, path: own }) =>
    text.split(/\r\n|\n|\r/).map((line, index) => ({ text: line, path: own, line: index + 1 })),
  );
}

/** The text that `linesOf` gives the lines of. */
function textOf(value: string | readonly string[] | undefined): string {
  const text = typeof value === 'string' ? value : (value ?? []).join('\n');
  return text.includes('\r') ? text.replaceAll(/\r\n|\r/g, '\n') : text;
}

function inFile(mistake: Diagnostic, lines: readonly RuleLine[], source: YamlSource): Diagnostic {
  const { line = 1, column = 1 } = mistake.place;
  const at = lines[line - 1];
  return at === undefined ? mistake : { ...mistake, place: placeInText(source, at.path, at.line, column) };
}
