// An expression's tokens by GitHub's own lexer, with what its published packages (0.3.61) do otherwise than the runner put right.

import { Lexer, type Token, TokenType } from '@actions/expressions/lexer';
import type { BasicExpressionToken } from '@actions/workflow-parser/templates/tokens/basic-expression-token';

/** The tokens of an expression's text. The lexer makes one quote of the first two in a text only; the runner does it of all. */
export function tokensOf(text: string): Token[] {
  return new Lexer(text)
    .lex()
    .tokens.map((token) =>
      token.type === TokenType.STRING ? { ...token, value: token.lexeme.slice(1, -1).replaceAll("''", "'") } : token,
    );
}

/**
 * The tokens of an expression of the workflow. Of a text of several lines the parser takes what is written, indentation and all, into the
 * format of its `format(...)`; the runner takes what YAML makes of it.
 */
export function tokensOfTemplate(token: BasicExpressionToken): Token[] {
  const tokens = tokensOf(token.expression);
  const isOneLine = token.range === undefined || token.range.start.line === token.range.end.line;
  if (isOneLine) return tokens;
  const header = token.blockScalarHeader ?? '';
  if (!/^\|[-+]?$/.test(header))
    throw new Error('an expression in a text of several lines that is no `|` block is not carried out');
  return tokens.map((each, place) =>
    place === 2 && each.type === TokenType.STRING ? { ...each, value: blockText(String(each.value), header) } : each,
  );
}

/** What YAML makes of a `|` block as it stands in the file: without its indentation, its end as the header says. */
function blockText(raw: string, header: string): string {
  const lines = raw.split('\n');
  const first = lines.find((line) => line.trim() !== '') ?? '';
  const indentation = first.length - first.trimStart().length;
  const text = lines.map((line) => line.slice(indentation)).join('\n');
  if (header === '|+') return text;
  return text.replace(/\n*$/, header === '|-' ? '' : '\n');
}
