/** Variables in a Compose file: `${NAME:-default}` is its default, for what the environment gives cannot be keyed. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { mistake } from './source.ts';
import type { SourceFile } from './source-file.ts';
import type { YamlNode } from './yaml.ts';

/** `node` with the variables in its texts replaced; one without a default is a mistake. */
export function interpolate(node: YamlNode, file: SourceFile, diagnostics: Diagnostic[]): YamlNode {
  switch (node.kind) {
    case 'scalar': {
      if (typeof node.value !== 'string' || !node.value.includes('$')) return node;
      const tell = (message: string, hint: string): void => {
        diagnostics.push(mistake('config.invalid', file.place(node.at), message, hint));
      };
      const value = replaceVariables(node.value, {
        unset: (name) => tell(`the variable ${name} has no default`, `write a default: \${${name}:-VALUE}`),
        malformed: (text) => tell(`${JSON.stringify(text.slice(0, 100))} is no variable`, 'write $$ for a dollar sign'),
      });
      return { ...node, value, text: value };
    }
    case 'list':
      return { ...node, items: node.items.map((item) => interpolate(item, file, diagnostics)) };
    case 'map': {
      const entries = [...node.entries].map(
        ([key, { keyAt, value }]) => [key, { keyAt, value: interpolate(value, file, diagnostics) }] as const,
      );
      return { ...node, entries: new Map(entries) };
    }
    default:
      return node satisfies never;
  }
}

interface Problems {
  /** A variable that has no default. */
  readonly unset: (name: string) => void;
  readonly malformed: (text: string) => void;
}

const plainName = /^[A-Za-z_]\w*/;
/** After the brace: the name, and what comes where it is set or not. */
const bracedName = /^([A-Za-z_]\w*)(?::?([-+?]))?/;
const maxDepth = 20;

/** The text with no variable set (Compose specification, "Interpolation"); a default may hold variables with defaults of their own. */
function replaceVariables(text: string, problems: Problems, depth = 0): string {
  let made = '';
  for (let rest = text; rest !== ''; ) {
    const dollar = rest.indexOf('$');
    if (dollar < 0) return made + rest;
    made += rest.slice(0, dollar);
    const after = rest.slice(dollar + 1);
    const plain = plainName.exec(after)?.[0];
    if (after.startsWith('{')) {
      const end = closingBrace(after);
      if (end < 0 || depth === maxDepth) {
        problems.malformed(rest.slice(dollar));
        return made;
      }
      made += replaceBraced(after.slice(1, end), problems, depth);
      rest = after.slice(end + 1);
    } else if (after.startsWith('$')) {
      made += '$';
      rest = after.slice(1);
    } else if (plain !== undefined) {
      problems.unset(plain);
      rest = after.slice(plain.length);
    } else {
      made += '$';
      rest = after;
    }
  }
  return made;
}

function replaceBraced(inner: string, problems: Problems, depth: number): string {
  const [whole = '', name, operator] = bracedName.exec(inner) ?? [];
  const operand = inner.slice(whole.length);
  if (name === undefined || (operator === undefined && operand !== '')) problems.malformed(`\${${inner}}`);
  else if (operator === '-') return replaceVariables(operand, problems, depth + 1);
  else if (operator !== '+') problems.unset(name);
  return '';
}

/** Where the brace that `text` begins with is closed; -1 where it is not. */
function closingBrace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '}' && --open === 0) return at;
    if (text[at] === '{' && (at === 0 || text[at - 1] === '$')) open++;
  }
  return -1;
}
