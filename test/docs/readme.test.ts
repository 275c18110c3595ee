// What the README shows works: its configuration loads, its scripts exist, its links lead somewhere.
import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commandNames } from '../../src/cli/commands.ts';
import { parseFamily } from '../../src/source/project/load.ts';

const readme = readFileSync('README.md', 'utf8');

test('its fanfold.yaml is a family', () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  const { family, diagnostics } = parseFamily(yaml, '/readme/fanfold.yaml');
  expect(diagnostics).toEqual([]);
  expect(family?.targets.map(({ name }) => name)).toEqual(['api', 'worker']);
});

test('its scripts are in package.json, and every script is in it', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  for (const name of Object.keys(scripts)) expect(readme).toContain(name === 'test' ? 'npm test' : name);
});

test('its commands are commands', () => {
  for (const [, name = ''] of readme.matchAll(/fanfold ([a-z]+)\b/g)) {
    if (name !== 'complete') expect(commandNames).toContain(name);
  }
});

test.for([...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path))(
  'its link to %s leads somewhere',
  (path) => {
    expect(existsSync(path)).toBe(true);
  },
);
