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
      const value = replaceVariables(node.value, (name) => {
        const hint = `write a default: \${${name}:-VALUE}`;
        diagnostics.push(mistake('config.invalid', file.place(node.at), `the variable ${name} has no default`, hint));
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

const variable = /\$(?:\$|\{([A-Za-z_]\w*)(?::?([-+?])([^{}]*))?\}|([A-Za-z_]\w*))/g;

function replaceVariables(text: string, unset: (name: string) => void): string {
  return text.replace(variable, (whole, braced?: string, operator?: string, operand?: string, plain?: string) => {
    if (whole === '$$') return '$';
    if (operator === '-') return operand ?? '';
    if (operator === '+') return '';
    unset(braced ?? plain ?? '');
    return '';
  });
}
