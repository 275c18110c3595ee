/** A factored family to the text of a fanfold.yaml, as a person would lay it out. */
import { type Document, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';
import { type Assignment, type Fields, fieldsOf } from './assignments.ts';
import type { Base, Bases } from './factor.ts';
import type { MatrixTarget, WrittenTarget } from './matrices.ts';

const lineWidth = 120;

/** A family, factored. */
export interface CompactFamily extends Bases<WrittenTarget> {
  readonly defaults: readonly Assignment[];
}

/** Puts `family` into `document`, which holds what stands at the top already; the document's text. */
export function writeFamily(document: Document, family: CompactFamily): string {
  for (const { path, value } of family.defaults) document.setIn(path, document.createNode(value));
  if (!isMap(document.get('targets'))) document.set('targets', document.createNode({}));
  const into = document.get('targets');
  if (!isMap(into)) throw new TypeError('targets is a map');
  for (const base of family.bases) addBase(document, into, base);
  for (const written of family.targets) {
    const { key, own, inherits } = written;
    if (written.kind === 'matrix') addMatrix(document, into, { ...written, inherits });
    else add(document, into, key, { ...inheriting(inherits), ...fieldsOf(own) }, written.comments);
  }
  for (const pair of isMap(document.contents) ? document.contents.items : []) {
    if (pair.value !== into && isNode(pair.value)) layOut(pair.value, lineWidth);
  }
  return document.toString({ lineWidth, flowCollectionPadding: true });
}

function addBase(document: Document, into: YAMLMap, { name, shared }: Base): void {
  add(document, into, name, fieldsOf(shared), []);
}

function inheriting(inherits: readonly string[]): Fields {
  return inherits.length === 0 ? {} : { inherits };
}

function add(document: Document, into: YAMLMap, key: string, fields: Fields, comments: readonly string[]): Node {
  const value = document.createNode(fields);
  const keyNode = document.createNode(key);
  if (isScalar(keyNode) && comments.length > 0) keyNode.commentBefore = comments.join('\n');
  into.add(document.createPair(keyNode, value));
  layOut(value, lineWidth - key.length - 4);
  return value;
}

type Inheriting = MatrixTarget & { readonly inherits: readonly string[] };

function addMatrix(document: Document, into: YAMLMap, written: Inheriting): void {
  const { key, variable, values, name, inherits, own } = written;
  const matrix = { [variable]: values.map(({ value }) => value) };
  const node = add(document, into, key, { matrix, name, ...inheriting(inherits), ...fieldsOf(own) }, []);
  if (!isMap(node)) return;
  node.flow = false;
  if (values.every(({ comments }) => comments.length === 0)) return;
  const map = node.get('matrix');
  const list = isMap(map) ? map.get(variable) : undefined;
  if (!isMap(map) || !isSeq(list)) return;
  map.flow = false;
  list.flow = false;
  for (const [place, item] of list.items.entries()) {
    const comments = values[place]?.comments ?? [];
    if (isScalar(item) && comments.length > 0) item.commentBefore = comments.join('\n');
  }
}

/** A map or list stands on one line where it fits. */
function layOut(node: Node, width: number): void {
  if (!isMap(node) && !isSeq(node)) return;
  if (hasComment(node)) return;
  const fits = JSON.stringify(node.toJSON()).length <= width - 10;
  node.flow = fits;
  if (fits) return;
  for (const item of node.items) {
    const value = isMap(node) && typeof item === 'object' && item !== null && 'value' in item ? item.value : item;
    if (isNode(value)) layOut(value, width - 2);
  }
}

function hasComment(node: Node): boolean {
  return node.commentBefore != null || node.comment != null;
}

function isNode(value: unknown): value is Node {
  return isMap(value) || isSeq(value) || isScalar(value);
}
