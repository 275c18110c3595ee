/** References that other tools push to (`ghcr.io/acme/api:1.4`), as destinations, an image's name and tag rules. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { Place } from '../../base/errors/error.ts';
import { listNode, textNode, textOf } from './nodes.ts';
import { mistake } from './source.ts';
import type { YamlNode } from './yaml.ts';

/** What fanfold.yaml says at the top, for all targets: that holds over what other files say. */
export interface TopFields {
  readonly destinations: boolean;
  readonly tags: boolean;
}

/** The fields that `references` make; what no target can be published as goes to `diagnostics`. */
export function imageFields(
  references: readonly YamlNode[],
  top: TopFields,
  place: (at: number) => Place,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, YamlNode> {
  const read = references.flatMap((node) => {
    const text = textOf(node);
    return text === undefined || text === '' ? [] : [{ ...splitReference(text), at: node.at }];
  });
  const [first] = read;
  if (first === undefined) return new Map();
  for (const { image, at } of read) {
    if (image === first.image || top.destinations) continue;
    const message = `one target is published as ${first.image} and as ${image}`;
    diagnostics.push(mistake('config.invalid', place(at), message, 'name destinations at the top of fanfold.yaml'));
  }
  const repositories = [...new Set(read.map(({ to }) => to))];
  const tagsOf = (repository: string): readonly string[] =>
    read.flatMap(({ to, tag }) => (to === repository && tag !== undefined ? [tag] : []));
  const tags = tagsOf(first.to);
  for (const { to, at } of top.tags ? [] : read) {
    if (tagsOf(to).every((tag) => tags.includes(tag)) && tagsOf(to).length === tags.length) continue;
    const hint = 'tags are the same at every destination: give tag rules at the top of fanfold.yaml';
    diagnostics.push(mistake('config.invalid', place(at), `${to} and ${first.to} get different tags`, hint));
  }
  const fields = new Map<string, YamlNode>([['image', textNode(first.image, first.at)]]);
  if (!top.destinations)
    fields.set(
      'destinations',
      listNode(
        repositories.map((to) => textNode(to, first.at)),
        first.at,
      ),
    );
  const rules = (tags.length === 0 ? ['latest'] : tags).map((tag) => textNode(`type=raw,value=${tag}`, first.at));
  if (!top.tags) fields.set('tags', listNode(rules, first.at));
  return fields;
}

/** Where there is no registry, it is Docker Hub's, as `docker` has it. */
function splitReference(text: string): { readonly to: string; readonly image: string; readonly tag?: string } {
  const [plain = ''] = text.split('@');
  const colon = plain.indexOf(':', plain.lastIndexOf('/') + 1);
  const name = colon < 0 ? plain : plain.slice(0, colon);
  const tag = colon < 0 ? {} : { tag: plain.slice(colon + 1) };
  const parts = name.split('/');
  const image = parts.pop() ?? '';
  const [host = ''] = parts;
  const isHost = /[.:]/.test(host) || host === 'localhost';
  const to = isHost ? parts : ['docker.io', ...(parts.length === 0 ? ['library'] : parts)];
  return { to: to.join('/'), image, ...tag };
}
