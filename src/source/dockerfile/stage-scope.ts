/** The variables of a stage while its instructions are read: what is set, and what a base image may have set. */

import type { Expander } from './action-context.ts';
import { expand, expandWords } from './expand.ts';
import type { EscapeCharacter } from './instruction.ts';
import { mistake } from './mistake.ts';
import type { Pair } from './step.ts';

/** Variables at one place of a stage. A stage that another begins with hands its scope on. */
export interface StageScope {
  /** Arguments and environment together: what `$x` reads. */
  readonly variables: Map<string, string>;
  /** What the image's config holds, in order. */
  readonly env: Map<string, string>;
  /** Variables whose value rests on something that is not known. */
  readonly uncertain: Set<string>;
  /** In words, why variables that are not set here may be set all the same; undefined where all are known. */
  readonly unknownBase: string | undefined;
}

/** What an instruction's expansion read. */
export interface Reading {
  readonly expander: Expander;
  readonly used: Set<string>;
  /** Why what was read is not certain, in words. */
  readonly doubts: Set<string>;
}

/** What may still be written by expansion in one file, in characters; a bound against texts that double line by line. */
export interface Budget {
  left: number;
}

/** A scope on an image's environment, `NAME=value` each. */
export function scopeOn(env: readonly string[], unknownBase?: string): StageScope {
  const scope: StageScope = { variables: new Map(), env: new Map(), uncertain: new Set(), unknownBase };
  for (const pair of env) {
    const equals = pair.indexOf('=');
    const name = equals < 0 ? pair : pair.slice(0, equals);
    setEnv(scope, name, equals < 0 ? '' : pair.slice(equals + 1), false);
  }
  return scope;
}

/** A copy that later changes leave alone. */
export function copyScope(scope: StageScope): StageScope {
  const { variables, env, uncertain, unknownBase } = scope;
  return { variables: new Map(variables), env: new Map(env), uncertain: new Set(uncertain), unknownBase };
}

/** Sets what ENV sets. */
export function setEnv(scope: StageScope, name: string, value: string, isUncertain: boolean): void {
  scope.env.set(name, value);
  setArg(scope, name, value, isUncertain);
}

/** Sets what ARG sets. */
export function setArg(scope: StageScope, name: string, value: string, isUncertain: boolean): void {
  scope.variables.set(name, value);
  if (isUncertain) scope.uncertain.add(name);
  else scope.uncertain.delete(name);
}

/** The environment as pairs. */
export function envPairs(scope: StageScope): readonly Pair[] {
  return [...scope.env].map(([name, value]) => ({ name, value }));
}

/** An expander over the scope as it is now, which notes what it reads. */
export function readingOf(scope: StageScope, escapeCharacter: EscapeCharacter, budget: Budget): Reading {
  const used = new Set<string>();
  const doubts = new Set<string>();
  const note = (expansion: { used: ReadonlySet<string>; unknown: ReadonlySet<string> }, length: number) => {
    budget.left -= length;
    if (budget.left < 0) throw mistake('variables expand to more text than a Dockerfile may hold');
    for (const name of expansion.used) {
      used.add(name);
      if (scope.uncertain.has(name)) doubts.add(`$${name} rests on what is not known`);
    }
    for (const name of expansion.unknown) {
      if (scope.unknownBase !== undefined) doubts.add(`$${name} may be set by ${scope.unknownBase}`);
    }
  };
  const one = (text: string, options: Parameters<typeof expand>[2]) => {
    const expansion = expand(text, scope.variables, options);
    note(expansion, expansion.value.length);
    return expansion.value;
  };
  const expander: Expander = {
    word: (text) => one(text, { escapeCharacter }),
    // The escape directive does not count in heredocs.
    body: (text) => one(text, { skipQuotes: true }),
    words: (text) => {
      const expansion = expandWords(text, scope.variables, { escapeCharacter });
      note(expansion, text.length);
      return expansion.words;
    },
  };
  return { expander, used, doubts };
}
