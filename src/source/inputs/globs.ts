/** Globs of the configuration: the last one that matches a path decides. */
import picomatch from 'picomatch';
import type { InputRule } from '../project/model.ts';

/** What one rule says of a path: in, out, or nothing. */
export type Verdict = (path: string) => boolean | undefined;

/** The verdict of a glob. A glob that names a folder speaks of all in it. */
export function globVerdict({ glob, negated }: Extract<InputRule, { readonly kind: 'glob' }>): Verdict {
  const matches = picomatch([glob, `${glob.replace(/\/+$/, '')}/**`], { dot: true });
  return (path) => (matches(path) ? !negated : undefined);
}

/** Whether paths are in, the last verdict that there is deciding; a path that no rule speaks of is out, or in where all rules take out. */
export function lastVerdict(verdicts: readonly Verdict[], otherwise: boolean): (path: string) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    let answer = known.get(path);
    if (answer === undefined) {
      answer = verdicts.reduceRight<boolean | undefined>((found, verdict) => found ?? verdict(path), undefined);
      answer ??= otherwise;
      known.set(path, answer);
    }
    return answer;
  };
}

/** Whether a list of globs takes a path. A list that begins by taking out begins with everything. */
export function matchesGlobs(rules: readonly InputRule[]): (path: string) => boolean {
  return lastVerdict(
    rules.flatMap((rule) => (rule.kind === 'glob' ? [globVerdict(rule)] : [])),
    beginsWithAll(rules),
  );
}

/** Whether the first rule takes out: of everything, then. */
export function beginsWithAll(rules: readonly InputRule[]): boolean {
  const [first] = rules;
  return first?.kind === 'glob' && first.negated;
}
