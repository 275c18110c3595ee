import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyIn, keyFamily } from '../../test/support/keyed-family.ts';
import { testRepository } from '../../test/support/repository.ts';
import { FanfoldError } from '../base/errors/error.ts';
import type { Plan } from '../plan/planned.ts';
import type { LegOutcome } from '../run/events.ts';
import { markdownBlock, markdownText } from './markdown.ts';
import { describeSummary, maxSummaryBytes } from './summary.ts';
import { timelineChart } from './timeline.ts';

async function planOf(count: number, name = (place: number): string => `target-${place}`): Promise<Plan> {
  using repository = await testRepository();
  await repository.commit({ Dockerfile: 'FROM scratch\n' });
  const { keyed } = await keyFamily(familyIn(repository.path, { one: {} }));
  const legs = Array.from({ length: count }, (_, place) => {
    const [first] = keyed;
    if (first === undefined) throw new Error('no leg');
    const target = { ...first.leg.target, name: name(place) };
    const leg = { ...first.leg, target, name: `${name(place)}@linux/amd64` };
    return { action: 'build', keyed: { ...first, leg }, reason: { kind: 'asked' } } as const;
  });
  return { legs, unkeyed: [], targets: [] };
}

const failure = (message: string): LegOutcome => ({ kind: 'failed', error: new FanfoldError('build.failed', message) });

describe('a summary', () => {
  test('the first failure stands first, with its last lines', async () => {
    const plan = await planOf(2);
    const legs = new Map([
      ['target-0@linux/amd64', failure('went wrong')],
      ['target-1@linux/amd64', failure('as well')],
    ]);
    const tails = new Map([['target-0@linux/amd64', ['make: *** [all] Error 2']]]);
    const text = describeSummary({ title: 'Legs', plan, outcome: { legs, targets: new Map() }, tails });
    expect(text.split('\n').slice(0, 3)).toEqual(['## Legs', '', '### ❌ target-0&#64;linux/amd64']);
    expect(text.indexOf('make: *** [all] Error 2')).toBeGreaterThan(0);
    expect(text.indexOf('make: *** [all] Error 2')).toBeLessThan(text.indexOf('### Failed, too'));
    expect(text.indexOf('as well')).toBeLessThan(text.indexOf('### Legs'));
  });

  test('stays within 1 MiB, and says how much is missing', async () => {
    const plan = await planOf(20_000);
    const text = describeSummary({ title: 'Plan', plan });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxSummaryBytes);
    const shown = text.split('\n').filter((line) => line.startsWith('| target')).length;
    expect(text).toContain(`${20_000 - shown} more rows are left out here`);
    expect(shown).toBeGreaterThan(1000);
  });

  test('stays within whatever it is given', async () => {
    const plan = await planOf(30, (place) => `${'é|`'.repeat(20)}${place}`);
    const legs = new Map(plan.legs.map(({ keyed }) => [keyed.leg.name, failure('x\n'.repeat(3000))]));
    const tails = new Map([...legs.keys()].map((name) => [name, ['ü'.repeat(5000)]]));
    for (const maxBytes of [200, 1000, 5000, 20_000, 80_000]) {
      const text = describeSummary({ title: 'Legs', plan, outcome: { legs, targets: new Map() }, tails }, maxBytes);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
    }
  });

  test('a name becomes no markup, wherever it stands', async () => {
    const name = '<img src=x>|![a](http://x)`#*_~$(id)\n## b';
    const plan = await planOf(1, () => name);
    const legs = new Map([[`${name}@linux/amd64`, failure(name)]]);
    const tails = new Map([[`${name}@linux/amd64`, ['```', '````', '</pre><script>']]]);
    const text = describeSummary({ title: name, plan, outcome: { legs, targets: new Map() }, tails });
    const outside = text.replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, '');
    expect(outside).not.toMatch(/<img|<script|!\[|\]\(http/);
    expect(outside.split('\n').filter((line) => line.startsWith('## '))).toHaveLength(1);
    for (const row of outside.split('\n').filter((line) => line.startsWith('| ')))
      expect(row.match(/\|/g)).toHaveLength(8);
  });
});

describe('markdown', () => {
  test('text has no character that Markdown or HTML reads, and no line end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(markdownText(text).replace(/&#\d+;/g, '')).not.toMatch(/[\n\r|`*_~<>[\]!\\$@{}]/);
      }),
    );
  });

  test('a block ends where its text ends', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[` a]{0,12}$/)), (lines) => {
        const [fence = '', ...rest] = markdownBlock(lines).split('\n');
        const mark = fence.replace('text', '');
        expect(rest.findIndex((line) => line.trim() === mark)).toBe(rest.length - 1);
      }),
    );
  });
});

test('a chart has a bar for each leg, and no name of its speech', () => {
  const spans = [
    { leg: 'a:b;c#d,e\n@x', runner: 'r\nsection z', startMs: 5, durationMs: 10 },
    { leg: 'b', runner: 'r', startMs: 1, durationMs: 90_000, failed: true },
  ];
  expect(timelineChart(spans)).toEqual([
    '```mermaid',
    'gantt',
    '  dateFormat x',
    '  axisFormat %H:%M',
    '  section r',
    '  b :crit, 1, 90001',
    '  section r section z',
    '  a b c d e @x :5, 1005',
    '```',
  ]);
});
