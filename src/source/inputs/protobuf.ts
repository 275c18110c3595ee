/** Is a .proto file only an additive change of another? Judged statement by statement, of what protobufjs reads without an error. */
import type { NamespaceBase, ReflectionObject } from 'protobufjs';

/** The answer, and where it is no, the first reason in words. */
export type Additive = { readonly additive: true } | { readonly additive: false; readonly why: string };

/** A statement: its words, and what stands in its braces. */
interface Statement {
  readonly head: readonly string[];
  readonly block?: readonly Statement[];
}

/**
 * Whether `now` has all of `before`, word for word but for comments, space and order, and beside it only new fields, messages, enums, enum
 * values, services, methods, oneofs of new fields and extensions. Whatever else differs, or cannot be read, is no additive change.
 */
export async function isAdditive(before: string, now: string): Promise<Additive> {
  const { default: protobuf } = await import('protobufjs');
  try {
    const [was, is] = [before, now].map((text) => statementsOf(protobuf.tokenize(text, false)));
    const { root } = protobuf.parse(before, { keepCase: true });
    // What it refuses (a number that is used twice, a word that is none) is no change that anybody meant.
    protobuf.parse(now, { keepCase: true });
    const why = firstDifference(was ?? [], is ?? [], { kind: 'file', name: 'the file', types: typesIn(root) });
    return why === undefined ? { additive: true } : { additive: false, why };
  } catch (error) {
    return { additive: false, why: error instanceof Error ? error.message : 'it cannot be read' };
  }
}

interface Tokens {
  next(): string | null;
}

const deepest = 64;

function statementsOf(tokens: Tokens, depth = 0): readonly Statement[] {
  if (depth > deepest) throw new Error('its blocks are too deep');
  const statements: Statement[] = [];
  let head: string[] = [];
  let inside = 0;
  const end = (block?: readonly Statement[]): void => {
    if (head.length > 0) statements.push({ head, ...(block === undefined ? {} : { block }) });
    head = [];
  };
  for (let token = nextWord(tokens); token !== undefined; token = nextWord(tokens)) {
    if (inside === 0 && token === ';') end();
    else if (inside === 0 && token === '}') return closed(statements, head);
    else if (inside === 0 && token === '{' && !head.includes('=')) end(statementsOf(tokens, depth + 1));
    else {
      if (token === '{' || token === '[') inside++;
      if (token === '}' || token === ']') inside--;
      head.push(token);
      if (token === '}' && inside === 0 && head.slice(0, 2).includes('group')) end();
    }
  }
  return closed(statements, head);
}

/** The next word; a text in quotes is one, so that what stands in it ends nothing. */
function nextWord(tokens: Tokens): string | undefined {
  const token = tokens.next();
  if (token !== '"' && token !== "'") return token ?? undefined;
  const text = tokens.next() ?? '';
  tokens.next();
  return JSON.stringify(text);
}

function closed(statements: readonly Statement[], head: readonly string[]): readonly Statement[] {
  if (head.length > 0) throw new Error(`${head.join(' ').slice(0, 80)} does not end`);
  return statements;
}

interface Scope {
  readonly kind: string;
  readonly name: string;
  /** The first parts of all types that are named: a new type of such a name could take the other's place. */
  readonly types: ReadonlySet<string>;
}

function firstDifference(before: readonly Statement[], now: readonly Statement[], scope: Scope): string | undefined {
  const rest = [...now];
  for (const statement of before) {
    const at = rest.findIndex((one) => isSame(one, statement));
    const [found] = at < 0 ? [] : rest.splice(at, 1);
    if (found === undefined) return `${textOf(statement)} in ${scope.name} is changed or gone`;
    if (statement.block === undefined || found.block === undefined) continue;
    const [kind = '', name = ''] = statement.head;
    const inner = firstDifference(statement.block, found.block, { ...scope, kind, name: `${kind} ${name}` });
    if (inner !== undefined) return inner;
  }
  if (scope.kind === 'enum' && rest.length > 0) {
    const why = enumProblem(before, now);
    if (why !== undefined) return `${scope.name} ${why}`;
  }
  const old = new Set(before.flatMap(({ head }) => nameOfField(head) ?? []));
  const wrong = rest.find((statement) => !mayCome(statement, scope, old));
  return wrong === undefined ? undefined : `${textOf(wrong)} in ${scope.name} is new, and more than an addition`;
}

function isSame(a: Statement, b: Statement): boolean {
  return (a.block === undefined) === (b.block === undefined) && JSON.stringify(a.head) === JSON.stringify(b.head);
}

function textOf({ head }: Statement): string {
  return JSON.stringify(head.join(' ').slice(0, 80));
}

const neverFields = ['required', 'option', 'reserved', 'extensions', 'import', 'package', 'syntax', 'edition'];

/** Whether a statement that was not there is an addition. */
function mayCome({ head, block }: Statement, { kind, types }: Scope, old: ReadonlySet<string>): boolean {
  const [word = '', name = ''] = head;
  const isField = block === undefined && head.includes('=') && !neverFields.includes(word);
  const plainField = isField && !head.includes('group') && !head.includes('LEGACY_REQUIRED');
  const isType = block !== undefined && (word === 'message' || word === 'enum') && !types.has(name);
  switch (kind) {
    case 'file':
      // What is well known brings no type into the file's own package.
      if (word === 'import') return /^"google\/protobuf\/[a-z_]+\.proto"$/.test(name);
      return isType || (block !== undefined && (word === 'service' || word === 'extend'));
    case 'message':
      if (block !== undefined && word === 'oneof') {
        return !block.some((one) => old.has(nameOfField(one.head) ?? ''));
      }
      return isType || plainField || (block !== undefined && word === 'extend');
    case 'enum':
      return plainField;
    case 'service':
      return word === 'rpc';
    case 'extend':
      return plainField;
    default:
      return false;
  }
}

/** The word before the first `=`. */
function nameOfField(head: readonly string[]): string | undefined {
  const at = head.indexOf('=');
  return at < 1 ? undefined : head[at - 1];
}

/** A new value that comes first is another default; one beside an alias may be another name of an old number. */
function enumProblem(before: readonly Statement[], now: readonly Statement[]): string | undefined {
  const isValue = ({ head }: Statement): boolean => head[1] === '=';
  const [first, nowFirst] = [before.find(isValue), now.find(isValue)];
  if (first !== undefined && nowFirst !== undefined && !isSame(first, nowFirst)) return 'begins with another value';
  return before.some(({ head }) => head.includes('allow_alias')) ? 'has aliases, and a new value' : undefined;
}

/** The first part of each type that fields, methods and extensions name. */
function typesIn(root: NamespaceBase): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (name: unknown): void => {
    if (typeof name === 'string') found.add(name.split('.').find((part) => part !== '') ?? '');
  };
  const visit = (object: ReflectionObject): void => {
    const { type, extend, requestType, responseType } = object as unknown as Record<string, unknown>;
    for (const name of [type, extend, requestType, responseType]) add(name);
    const { nestedArray = [], fieldsArray = [], methodsArray = [] } = object as unknown as Children;
    for (const child of [...nestedArray, ...fieldsArray, ...methodsArray]) visit(child);
  };
  visit(root);
  return found;
}

type Children = Partial<Record<'nestedArray' | 'fieldsArray' | 'methodsArray', readonly ReflectionObject[]>>;
