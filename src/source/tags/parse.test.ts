import { assert, constantFrom, property, string, tuple } from 'fast-check';
import { describe, test } from 'vitest';
import { gitEvent } from '../../../test/support/git-events.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import { parseTagRules } from './parse.ts';
import { resolveTags } from './resolve.ts';

describe('a mistake is told with its place and the nearest name', () => {
  test.for([
    {
      name: 'a type',
      rules: 'type=semvar,pattern={{version}}',
      at: '1:6',
      says: '"semvar" is not a type',
      hint: 'semver',
    },
    { name: 'no type at all', rules: 'type=,x', at: '1:6', says: '"" is not a type', hint: 'schedule' },
    {
      name: 'an attribute',
      rules: 'type=semver,patern={{version}}',
      at: '1:13',
      says: 'no attribute "patern"',
      hint: 'pattern',
    },
    {
      name: 'an attribute of another type',
      rules: 'type=raw,value=x,event=tag',
      at: '1:18',
      says: 'no attribute "event"',
      hint: 'there are',
    },
    {
      name: 'an event',
      rules: '\n\n  type=ref,event=brunch',
      at: '3:18',
      says: 'event cannot be "brunch"',
      hint: 'branch',
    },
    { name: 'a format', rules: 'type=sha,format=lang', at: '1:17', says: 'format cannot be "lang"', hint: 'long' },
    {
      name: 'an expression',
      rules: 'type=semver,pattern=v{{majr}}',
      at: '1:22',
      says: '{{majr}}',
      hint: 'did you mean {{major}}',
    },
    {
      name: 'an expression that stands elsewhere',
      rules: 'type=raw,value={{version}}',
      at: '1:16',
      says: '{{version}}',
      hint: 'there are',
    },
    { name: 'the second of two', rules: 'x-{{sha}}-{{brunch}}', at: '1:11', says: '{{brunch}}', hint: '{{branch}}' },
    {
      name: 'a block of Handlebars',
      rules: 'x{{#if tag}}y{{/if}}',
      at: '1:2',
      says: 'more of Handlebars',
      hint: 'plain expressions',
    },
    {
      name: 'a comment of Handlebars',
      rules: 'x{{! hm }}',
      at: '1:2',
      says: 'more of Handlebars',
      hint: 'plain expressions',
    },
    {
      name: 'a partial of Handlebars',
      rules: 'x{{> part}}',
      at: '1:2',
      says: 'more of Handlebars',
      hint: 'plain expressions',
    },
    {
      name: 'a path of Handlebars',
      rules: 'x{{../tag}}',
      at: '1:2',
      says: 'more of Handlebars',
      hint: 'plain expressions',
    },
    {
      name: 'an escape of Handlebars',
      rules: 'x\\{{tag}}',
      at: '1:3',
      says: 'more of Handlebars',
      hint: 'plain expressions',
    },
    {
      name: 'an expression of GitHub',
      rules: `x,enable=\${{ github.ref }}`,
      at: '1:11',
      says: 'GitHub Actions',
      hint: 'is_default_branch',
    },
    { name: 'an expression left open', rules: 'x-{{sha', at: '1:3', says: 'never closed', hint: '}}' },
    { name: 'a date without a format', rules: 'x{{date}}', at: '1:2', says: 'needs a format', hint: 'YYYYMMDD' },
    { name: 'a date without quotes', rules: 'x{{date YYYY}}', at: '1:2', says: 'not an expression', hint: 'quotes' },
    { name: 'a comma in a date', rules: "x{{date 'dddd, D'}}", at: '1:2', says: 'never closed', hint: '}}' },
    {
      name: 'a letter that no date has',
      rules: "x{{date 'YYYY z'}}",
      at: '1:2',
      says: 'the letter z',
      hint: 'YYYYMMDD',
    },
    {
      name: 'a time zone',
      rules: "type=raw,value=x{{date 'YYYY' tz='Europe/Berln'}}",
      at: '1:17',
      says: '"Europe/Berln"',
      hint: 'Europe/Berlin',
    },
    {
      name: 'an option of a date',
      rules: "type=raw,value=x{{date 'YYYY' zone='UTC'}}",
      at: '1:17',
      says: 'no option "zone"',
      hint: 'tz=',
    },
    { name: 'an argument too many', rules: "x{{branch 'a'}}", at: '1:2', says: 'takes nothing', hint: '{{branch}}' },
    { name: 'no pattern', rules: 'type=semver', at: '1:1', says: 'needs pattern', hint: 'pattern={{version}}' },
    {
      name: 'an empty pattern',
      rules: 'type=semver,pattern=',
      at: '1:21',
      says: 'the pattern is empty',
      hint: 'made of',
    },
    { name: 'no event', rules: 'type=ref', at: '1:1', says: 'needs event', hint: 'event=branch' },
    { name: 'no value', rules: 'type=raw', at: '1:1', says: 'needs value', hint: 'value=' },
    { name: 'enable', rules: 'x,enable=yes', at: '1:10', says: 'enable cannot be "yes"', hint: 'true' },
    { name: 'a priority', rules: 'x,priority=high', at: '1:12', says: 'priority cannot be "high"', hint: 'number' },
    {
      name: 'a regular expression',
      rules: 'type=match,pattern=v(',
      at: '1:20',
      says: 'not a regular expression',
      hint: 'JavaScript',
    },
    {
      name: 'a group that is not there',
      rules: 'type=match,pattern=v.*,group=1',
      at: '1:30',
      says: 'no group 1',
      hint: '(parentheses)',
    },
    {
      name: 'a group that is no number',
      rules: 'type=match,pattern=v.*,group=a',
      at: '1:30',
      says: 'group cannot be "a"',
      hint: 'number',
    },
    {
      name: 'a match without a group',
      rules: 'type=semver,pattern={{raw}},match=v.*',
      at: '1:35',
      says: 'no group 1',
      hint: '(parentheses)',
    },
    { name: 'a quote left open', rules: 'type=raw,"value=a', at: '1:10', says: 'never closed', hint: '""' },
    { name: 'a rule without end', rules: 'x'.repeat(3000), at: '1:1', says: 'more than 2000', hint: 'shorter' },
    {
      name: 'a flavor',
      rules: 'x',
      flavor: 'sufix=-a',
      at: '1:1',
      says: '"sufix" is not part of a flavor',
      hint: 'suffix',
    },
    { name: 'latest', rules: 'x', flavor: '\nlatest=maybe', at: '2:8', says: 'latest cannot be "maybe"', hint: 'auto' },
    {
      name: 'onlatest',
      rules: 'x',
      flavor: 'prefix=a,onlatest=ture',
      at: '1:19',
      says: 'onlatest cannot be',
      hint: 'true',
    },
    {
      name: 'onlatest alone',
      rules: 'x',
      flavor: 'onlatest=true',
      at: '1:1',
      says: 'follows no prefix',
      hint: 'suffix=',
    },
    {
      name: 'an expression in a flavor',
      rules: 'x',
      flavor: 'suffix=-{{shaa}}',
      at: '1:9',
      says: '{{shaa}}',
      hint: '{{sha}}',
    },
  ])('$name', ({ rules, flavor = '', at, says, hint }, { expect }) => {
    const { diagnostics } = parseTagRules(rules, flavor);
    const [first] = diagnostics;
    expect(`${first?.place.line}:${first?.place.column}`).toBe(at);
    expect(first).toMatchObject({ code: 'config.tag-rule', severity: 'error' });
    expect(first?.message).toContain(says);
    expect(first?.hint).toContain(hint);
  });
});

test('all mistakes are told in one go, and the other rules stand', ({ expect }) => {
  const { rules, diagnostics } = parseTagRules('type=sha\ntype=ref,event=x,foo=1\ntype=none\nok\n', 'latest=x\nbad=1');
  expect(diagnostics.map(({ place }) => `${place.line}:${place.column}`)).toEqual([
    '2:16',
    '2:18',
    '3:6',
    '1:8',
    '2:1',
  ]);
  expect(rules.rules.map(({ text }) => text)).toEqual(['ok', 'type=sha']);
});

test('rules keep their text and place, and come by priority', ({ expect }) => {
  const { rules } = parseTagRules('# first\nb\n\n  type=semver,pattern={{raw}}\na,priority=950');
  expect(rules.rules.map(({ text, line, column }) => ({ text, line, column }))).toEqual([
    { text: 'a,priority=950', line: 5, column: 1 },
    { text: 'type=semver,pattern={{raw}}', line: 4, column: 3 },
    { text: 'b', line: 2, column: 1 },
  ]);
});

test('any text is rules or mistakes with a place in it; rules resolve to tags or a FanfoldError', async ({
  expect,
}) => {
  const events = await Promise.all(['branch-with-markup', 'tag-v1.4.2', 'pull-request', 'schedule'].map(gitEvent));
  const piece = constantFrom(
    'type=',
    'semver',
    'ref',
    'match',
    ',',
    'pattern=',
    '{{',
    '}}',
    'version',
    'date ',
    "'",
    '"',
    '=',
    '\n',
    '#',
    '(',
    '\\',
    ' ',
    '$',
    'sha',
  );
  const text = tuple(piece, piece, string(), piece, piece, piece, string(), piece).map((parts) => parts.join(''));
  void assert(
    property(text, text, (rules, flavor) => {
      const parsed = parseTagRules(rules, flavor);
      const lines = Math.max(rules.split('\n').length, flavor.split('\n').length);
      for (const { place } of parsed.diagnostics) {
        expect(place.line).toBeGreaterThanOrEqual(1);
        expect(place.line).toBeLessThanOrEqual(lines + 1);
        expect(place.column).toBeGreaterThanOrEqual(1);
      }
      for (const event of events) {
        try {
          for (const { name } of resolveTags(parsed.rules, event)) expect(name).toMatch(/^[\w][\w.-]{0,127}$/);
        } catch (error) {
          if (!isFanfoldError(error)) throw error;
        }
      }
    }),
    { numRuns: 1000 },
  );
});
