/** Text files that resolvers read. */
import { isFanfoldError } from '../../../base/errors/error.ts';
import type { Cancel } from '../../../base/host/cancel.ts';
import type { ReadableTree } from '../../dockerfile/tree.ts';
import { readText } from '../read-text.ts';

/** The text at a path; undefined where there is no file. @throws FanfoldError `host.too-large` */
export async function textAt(tree: ReadableTree, path: string, cancel: Cancel): Promise<string | undefined> {
  try {
    return await readText(tree, path, cancel);
  } catch (error) {
    if (isFanfoldError(error) && error.code === 'inputs.missing') return undefined;
    throw error;
  }
}

/** The JSON object at a path; undefined where there is no file, or it holds none. */
export async function objectAt(
  tree: ReadableTree,
  path: string,
  cancel: Cancel,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await textAt(tree, path, cancel);
  if (text === undefined) return undefined;
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A value as an object; undefined where it is none. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}

/** The strings of a list; none where it is no list. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
