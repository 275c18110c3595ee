// Evaluates expressions and templates by GitHub's own evaluator.

import { data, type Evaluator as EvaluatorType } from '@actions/expressions';
import { Evaluator } from '@actions/expressions/evaluator';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import type { Token } from '@actions/expressions/lexer';
import { Parser } from '@actions/expressions/parser';
import { truthy } from '@actions/expressions/result';
import { isBasicExpression, isMapping, isSequence } from '@actions/workflow-parser';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { tokensOf, tokensOfTemplate } from './expression-tokens.ts';
import { isObject, type Json } from './json.ts';

/** What the status functions answer at a place of a run. */
export interface Status {
  readonly success: boolean;
  readonly failure: boolean;
  readonly cancelled: boolean;
}

/** What an expression can see: contexts by name, and the status functions where they are allowed. */
export interface Scope {
  readonly contexts: Readonly<Record<string, Json>>;
  readonly status?: Status;
}

/** Whether an `if` holds. */
export function evaluateCondition(text: string, scope: Scope): boolean {
  return truthy(evaluated(tokensOf(text), scope));
}

/** The value of a token of the workflow: literals as they stand, expressions evaluated. */
export function evaluateToken(token: TemplateToken | undefined, scope: Scope): Json {
  if (token === undefined) return null;
  if (isBasicExpression(token)) return toJson(evaluated(tokensOfTemplate(token), scope));
  if (isSequence(token))
    return Array.from({ length: token.count }, (_, place) => evaluateToken(token.get(place), scope));
  if (!isMapping(token)) return literal(token);
  return Object.fromEntries(
    Array.from(token, ({ key, value }) => [asText(evaluateToken(key, scope)), evaluateToken(value, scope)]),
  );
}

/** A token's value as text, as `env`, `with` and `run` take it. Throws for lists and objects. */
export function evaluateString(token: TemplateToken | undefined, scope: Scope): string {
  return asText(evaluateToken(token, scope));
}

/** A mapping's values as texts, in order. A token that is missing is an empty mapping. */
export function evaluateStrings(token: TemplateToken | undefined, scope: Scope): Record<string, string> {
  const value = evaluateToken(token, scope);
  if (value === null) return {};
  if (!isObject(value)) throw new Error('expected a mapping');
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asText(inner)]));
}

/** A scalar as GitHub writes it: null is empty, numbers and truth values are their text. */
export function asText(value: Json): string {
  if (typeof value === 'object' && value !== null)
    throw new Error(`${JSON.stringify(value)} stands where a text is expected`);
  return fromJson(value).coerceString();
}

function evaluated(tokens: Token[], { contexts, status }: Scope): data.ExpressionData {
  const functions = status === undefined ? [] : statusFunctions(status);
  const tree = new Parser(tokens, Object.keys(contexts), functions).parse();
  const dictionary = fromJson(contexts) as data.Dictionary;
  const evaluator: EvaluatorType = new Evaluator(tree, dictionary, new Map(functions.map((each) => [each.name, each])));
  return evaluator.evaluate();
}

function statusFunctions(status: Status): FunctionDefinition[] {
  const answers = { ...status, always: true };
  return Object.entries(answers).map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer),
  }));
}

function fromJson(value: Json): data.ExpressionData {
  if (value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (!isObject(value)) return new data.Array(...value.map(fromJson));
  return new data.Dictionary(...Object.entries(value).map(([key, inner]) => ({ key, value: fromJson(inner) })));
}

function toJson(value: data.ExpressionData): Json {
  switch (value.kind) {
    case data.Kind.Null:
      return null;
    case data.Kind.Array:
      return (value as data.Array).values().map(toJson);
    case data.Kind.Dictionary:
      return Object.fromEntries(
        (value as data.Dictionary).pairs().map(({ key, value: inner }) => [key, toJson(inner)]),
      );
    default:
      return (value as data.StringData | data.NumberData | data.BooleanData).value;
  }
}

function literal(token: TemplateToken): Json {
  if (token.isExpression) throw new Error('`${{ insert }}` is not carried out');
  const { value } = token as unknown as { readonly value?: Json };
  return value ?? null;
}
