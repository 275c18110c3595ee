/** `each` of a Bake or Compose source: fields over those that the file gives, templates over them included. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { fillTree, readTemplate } from './each.ts';
import { type MadeTarget, makeEntry } from './made-target.ts';
import { fieldOf } from './matrix-file.ts';
import { childOf, type Entry, mapNode, textNode } from './nodes.ts';
import { mistake } from './source.ts';
import type { SourceFile } from './source-file.ts';
import type { YamlNode } from './yaml.ts';

/** `targets` with what `each` says: `{name}` is a target's name, any other its field (`{args.VERSION}`). */
export function overlayEach(
  targets: readonly MadeTarget[],
  each: YamlNode,
  file: SourceFile,
  diagnostics: Diagnostic[],
): readonly MadeTarget[] {
  const template = readTemplate(each, file.place, diagnostics);
  return targets.map((target) => {
    const filled = fillTree(template, {
      field: (name) => (name === 'name' ? textNode(target.name, target.nameAt) : fieldOf(target.node, name)),
      missing: (name) => {
        const message = `target ${JSON.stringify(target.name)} of ${file.name} has no ${name}`;
        diagnostics.push(mistake('config.missing', file.place(each.at), message, `give a default: {${name}|...}`));
      },
      notText: (name, node) =>
        diagnostics.push(mistake('config.invalid', file.place(node.at), `${name} is no text that a template takes`)),
    });
    return filled?.kind === 'map' ? overlay(target, filled) : target;
  });
}

function overlay(target: MadeTarget, filled: YamlNode & { readonly kind: 'map' }): MadeTarget {
  const name = childOf(filled, 'name') ?? textNode(target.name, target.nameAt);
  const made = makeEntry(
    mapNode(new Map([...filled.entries, ['name', { keyAt: name.at, value: name }]]), target.node.at),
  );
  if (made === undefined) return target;
  const fields = new Map(target.node.entries);
  for (const [key, entry] of made.fields) fields.set(key, joined(fields.get(key), entry));
  return {
    ...target,
    name: made.name,
    nameAt: made.nameAt,
    node: mapNode(fields, target.node.at),
  };
}

/** Maps are joined entry by entry. */
function joined(below: Entry | undefined, above: Entry): Entry {
  if (below?.value.kind !== 'map' || above.value.kind !== 'map') return above;
  return { ...above, value: mapNode(new Map([...below.value.entries, ...above.value.entries]), above.value.at) };
}
