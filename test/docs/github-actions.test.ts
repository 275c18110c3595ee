// What the pages on GitHub Actions show works: each fanfold.yaml makes a workflow, each count is right, links lead somewhere.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemFiles } from '../../src/base/host/files.ts';
import { githubWorkflow } from '../../src/ci/github/workflow.ts';
import { legsOf } from '../../src/source/project/legs.ts';
import { loadFamily, parseFamily } from '../../src/source/project/load.ts';
import { largeMatrix } from '../support/large-matrix.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configurations } from '../workflows/configurations.ts';

const pages = [
  'github-actions',
  'from-build-push-action',
  'adopt-457-legs',
  'test-before-publish',
  'give-a-leg-room',
  'cache-steps',
].map((name) => ({
  name,
  path: `docs/how-to/${name}.md`,
  text: readFileSync(`docs/how-to/${name}.md`, 'utf8'),
}));
const gitlab = readFileSync('docs/how-to/gitlab-ci.md', 'utf8');
const action = `acme/fanfold@${'0'.repeat(40)} # v0.1.0`;

/** The families that a page shows, in order, each with its workflow. */
async function shownBy(text: string) {
  using folder = temporaryFolder('docs');
  mkdirSync(join(folder.path, '.github'));
  writeFileSync(
    join(folder.path, '.github/matrix.yml'),
    largeMatrix({ legs: 457, pairs: 71 }).replace("'ubuntu-latest'", 'bigger-runner'),
  );
  const shown = [];
  for (const [, yaml = ''] of text.matchAll(/```yaml\n(# fanfold\.yaml\n[\s\S]*?)```/g)) {
    writeFileSync(join(folder.path, 'fanfold.yaml'), yaml);
    const { family, diagnostics } = await loadFamily(folder.path, { files: systemFiles, cwd: folder.path });
    expect(diagnostics).toEqual([]);
    if (family === undefined) throw new Error('no family');
    const told: never[] = [];
    const { text: workflow } = githubWorkflow(family, { file: 'fanfold.yaml', action }, told);
    expect(told).toEqual([]);
    shown.push({ legs: legsOf(family).length, lines: workflow.trimEnd().split('\n').length, workflow });
  }
  return shown;
}

describe.for(pages)('$path', ({ path, text }) => {
  test('shows families that make workflows', async () => expect(await shownBy(text)).not.toEqual([]));

  test.for([...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link))(
    'its link to %s leads somewhere',
    (link) => expect(existsSync(join(dirname(path), link))).toBe(true),
  );
});

test('the counts of lines are those of the generator', async () => {
  const [first] = await shownBy(pages[0]?.text ?? '');
  expect(Math.abs((first?.lines ?? 0) - 105)).toBeLessThanOrEqual(5);
  const [large] = await shownBy(pages[2]?.text ?? '');
  expect(large).toMatchObject({ legs: 457 });
  expect(large?.lines).toBeLessThan(150);
  expect(large?.workflow).toContain('legs-2:');
  expect(large?.workflow).not.toContain('legs-3:');
  expect(configurations).toHaveLength(17);
});

test('the way before is longer than the way after', () => {
  const [before = '', after = ''] = [...(pages[1]?.text ?? '').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, yaml = '']) => yaml,
  );
  expect(before.split('\n').length).toBeGreaterThan(5 * after.split('\n').length);
});

test('the page on GitLab CI shows a family', async () => {
  const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(gitlab) ?? [];
  expect(parseFamily(yaml, '/docs/fanfold.yaml')).toMatchObject({
    diagnostics: [],
    family: { gitlab: { image: 'node:24' } },
  });
});
