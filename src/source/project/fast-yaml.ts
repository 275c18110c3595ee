/** YAML files at a price that grows with what is unusual in them: usual ones by events, all others by the thorough reader. */
import { moved } from './nodes.ts';
import { readYaml, type YamlSource } from './yaml.ts';
import { readYamlEvents } from './yaml-events.ts';

/**
 * Reads a file's text as `readYaml` does, with the same tree and the same mistakes. In the tree, and nowhere else, every place is `base`
 * characters further: so the tree stands behind those of other files without being made twice.
 */
export function readYamlFast(text: string, file: string, base = 0): YamlSource {
  const root = readYamlEvents(text, base);
  if (root === undefined) return movedSource(readYaml(text, file), base);
  const starts = lazy(() => lineStarts(text));
  return { file, text, root, diagnostics: [], position: (offset) => positionAmong(starts(), offset) };
}

function movedSource(source: YamlSource, base: number): YamlSource {
  if (source.root === undefined || base === 0) return source;
  return { ...source, root: moved(source.root, (at) => base + at) };
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function positionAmong(starts: readonly number[], offset: number): { readonly line: number; readonly column: number } {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
