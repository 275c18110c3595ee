/** Targets that are built on others (`target:NAME`): that there are such, on the same platforms, and in no circle. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { formatPlatform, platformIdentity } from '../../content/oci/platform.ts';
import type { ExpandedTarget } from './expand.ts';
import type { Target } from './model.ts';
import { parseNamedContext } from './named-context.ts';
import { mistake, placeOfValue } from './source.ts';
import type { YamlSource } from './yaml.ts';

interface Edge {
  readonly from: string;
  readonly to: string;
  /** The name of the context. */
  readonly context: string;
}

/** Mistakes in what `targets` are built on; `expanded` has all targets, those with other mistakes too. */
export function checkReferences(
  targets: readonly Target[],
  expanded: readonly ExpandedTarget[],
  source: YamlSource,
): readonly Diagnostic[] {
  const names = new Set(expanded.map(({ name }) => name));
  const byName = new Map(targets.map((target) => [target.name, target]));
  const origins = new Map(expanded.map((target) => [target.name, target]));
  const edges = expanded.flatMap(edgesOf);
  const tell = (edge: Edge, code: 'config.reference' | 'config.cycle', message: string, hint: string): Diagnostic => {
    const target = origins.get(edge.from);
    const path = target?.originOf('contexts', edge.context) ?? target?.path ?? [];
    return mistake(code, placeOfValue(source, path), message, hint);
  };
  const missing = edges
    .filter(({ to }) => !names.has(to))
    .map((edge) =>
      tell(edge, 'config.reference', `there is no target ${JSON.stringify(edge.to)}`, hintFor(edge.to, names)),
    );
  const unbuilt = edges.flatMap((edge) => {
    const platform = missingPlatform(byName.get(edge.from), byName.get(edge.to));
    if (platform === undefined) return [];
    const message = `${edge.from} is built for ${platform} on ${edge.to}, which is not built for it`;
    return [tell(edge, 'config.reference', message, `add ${platform} to the platforms of ${edge.to}`)];
  });
  const circles = findCircles(edges).map(({ edge, chain }) =>
    tell(
      edge,
      'config.cycle',
      `targets are built on one another in a circle: ${chain.join(' → ')}`,
      'take one of them out',
    ),
  );
  return [...missing, ...unbuilt, ...circles];
}

function edgesOf({ name, fields }: ExpandedTarget): readonly Edge[] {
  return Object.entries(fields.contexts ?? {}).flatMap(([context, text]) => {
    const named = parseNamedContext(text);
    return typeof named !== 'string' && named.kind === 'target' ? [{ from: name, to: named.target, context }] : [];
  });
}

function hintFor(name: string, names: ReadonlySet<string>): string {
  if (name.startsWith('_')) return 'a target whose name begins with _ is not built: name one that is';
  const nearest = nearestName(name.slice(0, 128), names);
  return nearest === undefined ? 'define it below targets' : `did you mean ${nearest}?`;
}

function missingPlatform(from: Target | undefined, to: Target | undefined): string | undefined {
  if (from === undefined || to === undefined) return undefined;
  const built = new Set(to.platforms.map(platformIdentity));
  const missing = from.platforms.find((platform) => !built.has(platformIdentity(platform)));
  return missing === undefined ? undefined : formatPlatform(missing);
}

/** Each circle once, at the edge that closes it. Depth first without recursion: a chain may be as long as the family. */
function findCircles(edges: readonly Edge[]): readonly { edge: Edge; chain: readonly string[] }[] {
  const leaving = groupByFrom(edges);
  const done = new Set<string>();
  const circles: { edge: Edge; chain: readonly string[] }[] = [];
  for (const start of leaving.keys()) {
    const way: { name: string; next: number }[] = done.has(start) ? [] : [{ name: start, next: 0 }];
    for (let top = way.at(-1); top !== undefined; top = way.at(-1)) {
      const edge = leaving.get(top.name)?.[top.next];
      top.next++;
      if (edge === undefined) {
        done.add(top.name);
        way.pop();
        continue;
      }
      const seen = way.findIndex(({ name }) => name === edge.to);
      if (seen >= 0) circles.push({ edge, chain: [...way.slice(seen).map(({ name }) => name), edge.to] });
      else if (!done.has(edge.to)) way.push({ name: edge.to, next: 0 });
    }
  }
  return circles;
}

function groupByFrom(edges: readonly Edge[]): ReadonlyMap<string, readonly Edge[]> {
  const groups = new Map<string, Edge[]>();
  for (const edge of edges) groups.set(edge.from, [...(groups.get(edge.from) ?? []), edge]);
  return groups;
}
