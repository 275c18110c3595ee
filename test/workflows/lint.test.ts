// Generated workflows, and the reusable one, before their judges: GitHub's own parser, actionlint, zizmor.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { needs, requirePeer } from '../support/peers.ts';
import { run } from '../support/run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { configurations, workflowOf } from './configurations.ts';
import { parseWorkflowFile } from './harness/workflow-file.ts';

const reusable = readFileSync(new URL('../../.github/workflows/publish.yml', import.meta.url), 'utf8');
const workflows = [
  ...configurations.map((configuration) => ({ name: configuration.name, text: workflowOf(configuration).text })),
  { name: 'reusable', text: reusable },
];

// What the judge cannot know: two that are younger than it (GitHub, 2026-05-07 and 2026-07-30), and labels of one's own runners.
const unknownToActionlint = [
  'label ".+" is unknown',
  'unexpected key "queue" for "concurrency" section',
  'specifying action "\\$/" in invalid format',
];

const folder = temporaryFolder('lint');
const files = join(folder.path, '.github', 'workflows');
beforeAll(() => {
  mkdirSync(files, { recursive: true });
  for (const { name, text } of workflows) writeFileSync(join(files, `${name}.yml`), text);
});
afterAll(() => folder[Symbol.dispose]());

describe('GitHub’s own parser takes', () => {
  test.for(workflows)('$name', async ({ name, text }) => {
    await parseWorkflowFile(`.github/workflows/${name}.yml`, text);
  });

  test('no workflow that is wrong', async () => {
    const wrong = workflows[0]?.text.replace('needs: plan', 'needs: plann') ?? '';
    await expect(parseWorkflowFile('wrong.yml', wrong)).rejects.toThrow(/plann/);
  });
});

describe.runIf(needs('actionlint'))('actionlint', () => {
  const lint = (name: string) =>
    run(
      requirePeer('actionlint'),
      [
        ...unknownToActionlint.flatMap((known) => ['-ignore', known]),
        '-shellcheck=',
        '-pyflakes=',
        '-no-color',
        join(files, name),
      ],
      { cwd: folder.path },
    );

  test.for(workflows)('finds nothing in $name', async ({ name }) => {
    const { status, stdout } = await lint(`${name}.yml`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  test('finds what is wrong', async () => {
    writeFileSync(join(folder.path, 'wrong.yml'), workflows[0]?.text.replaceAll('matrix.legs', 'matrx.legs') ?? '');
    expect((await lint('../../wrong.yml')).stdout).toContain('matrx');
  });
});

describe.runIf(needs('zizmor'))('zizmor', () => {
  const audit = (path: string) =>
    run(
      requirePeer('zizmor'),
      ['--offline', '--no-config', '--strict-collection', '--no-progress', '--color=never', path],
      {
        cwd: folder.path,
      },
    );

  test('finds nothing in any of them', async () => {
    const { status, stdout, stderr } = await audit(files);
    expect({ status, stdout, stderr: stderr.includes('completed') }).toEqual({
      status: 0,
      stdout: expect.stringContaining('No findings to report'),
      stderr: true,
    });
  });

  test('finds an expression in a script', async () => {
    const wrong = workflows[0]?.text.replace('run: exit 1', 'run: echo ${{ github.head_ref }}') ?? '';
    mkdirSync(join(folder.path, 'wrong'), { recursive: true });
    writeFileSync(join(folder.path, 'wrong', 'wrong.yml'), wrong);
    expect((await audit(join(folder.path, 'wrong', 'wrong.yml'))).stdout).toContain('template-injection');
  });
});

describe('no text from outside reaches a shell', () => {
  interface Job {
    readonly steps?: readonly { readonly run?: string; readonly shell?: string; readonly uses?: string }[];
    readonly permissions?: unknown;
  }
  const jobsOf = (text: string): readonly Job[] => Object.values((parse(text) as { jobs: Record<string, Job> }).jobs);

  test.for(workflows)('$name: the one script is `exit 1`', ({ text }) => {
    const scripts = jobsOf(text).flatMap(({ steps = [] }) => steps.flatMap((step) => step.run ?? []));
    expect(scripts).toEqual(scripts.map(() => 'exit 1'));
  });

  test.for(workflows)('$name: actions by their commit, permissions in every job, none for all', ({ text }) => {
    const used = jobsOf(text).flatMap(({ steps = [] }) => steps.flatMap((step) => step.uses ?? []));
    for (const uses of used) expect(uses).toMatch(/^(?:\$\/|[\w./-]+@[0-9a-f]{40})$/);
    for (const job of jobsOf(text)) expect(job.permissions).toBeDefined();
    expect((parse(text) as { permissions: unknown }).permissions).toEqual({});
    expect(text).not.toMatch(/pull_request_target|workflow_run/);
  });
});
