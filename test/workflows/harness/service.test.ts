// What GitHub does around jobs: events and their filters, groups, rights, environments, calls.
import { describe, expect, test } from 'vitest';
import { makeConcurrencyGroups } from './concurrency.ts';
import { pullRequestEvent, pushEvent } from './event.ts';
import type { JobRequest } from './job-request.ts';
import { excess, readOnly, readPermissions } from './permissions.ts';
import { done, logOf, resultsOf, rigOf, runWorkflow } from './rig.ts';
import { isTriggered, patternExpression } from './trigger.ts';
import { parseWorkflowFile } from './workflow-file.ts';

const facts = { fullName: 'tidewater/lantern', defaultBranch: 'main' };
const commit = { sha: 'a'.repeat(40), message: 'm', timestamp: '2024-01-02T03:04:05Z' };

describe('filters', () => {
  const push = (ref: string) => pushEvent(facts, ref, '0'.repeat(40), commit);
  const pullRequest = pullRequestEvent(facts, {
    ...{ number: 1, title: 't', mergeSha: commit.sha, base: { ref: 'main', sha: commit.sha } },
    head: { ref: 'topic', sha: commit.sha, fullName: 'else/lantern' },
  });
  test.for([
    { name: 'any push', on: 'push', event: push('refs/heads/x'), want: true },
    { name: 'another event', on: 'pull_request', event: push('refs/heads/x'), want: false },
    { name: 'a branch that is named', on: '{push: {branches: [main]}}', event: push('refs/heads/main'), want: true },
    { name: 'a branch that is not', on: '{push: {branches: [main]}}', event: push('refs/heads/other'), want: false },
    {
      name: 'a tag where only branches are named',
      on: '{push: {branches: [main]}}',
      event: push('refs/tags/v1'),
      want: false,
    },
    {
      name: 'a branch where only tags are named',
      on: '{push: {tags: ["v*"]}}',
      event: push('refs/heads/main'),
      want: false,
    },
    {
      name: 'a tag where both are',
      on: '{push: {branches: [main], tags: ["v*"]}}',
      event: push('refs/tags/v1.2'),
      want: true,
    },
    { name: '* stays within a part', on: '{push: {branches: ["r/*"]}}', event: push('refs/heads/r/a/b'), want: false },
    { name: '** does not', on: '{push: {branches: ["r/**"]}}', event: push('refs/heads/r/a/b'), want: true },
    {
      name: '! takes out again',
      on: '{push: {branches: ["**", "!wip/**"]}}',
      event: push('refs/heads/wip/a'),
      want: false,
    },
    { name: 'ignored', on: '{push: {branches-ignore: [main]}}', event: push('refs/heads/main'), want: false },
    { name: 'a pull request into a branch', on: '{pull_request: {branches: [main]}}', event: pullRequest, want: true },
    { name: 'a pull request into another', on: '{pull_request: {branches: [next]}}', event: pullRequest, want: false },
    { name: 'a type that is not asked for', on: '{pull_request: {types: [closed]}}', event: pullRequest, want: false },
  ])('$name', async ({ on, event, want }) => {
    const file = await parseWorkflowFile('w.yml', `on: ${on}\njobs: {a: {runs-on: x, steps: [{run: "true"}]}}\n`);
    expect(isTriggered(file.events, event)).toBe(want);
  });
  test('patterns', () => {
    expect(patternExpression('v[12].[0-9]+.[0-9]+').test('v1.10.1')).toBe(true);
    expect(patternExpression('v[12].[0-9]+.[0-9]+').test('v3.10.1')).toBe(false);
    expect(patternExpression('a.b').test('axb')).toBe(false);
    expect(patternExpression('*').test('a')).toBe(true);
  });
});

describe('concurrency groups', () => {
  const enter = (
    groups: ReturnType<typeof makeConcurrencyGroups>,
    queue: 'single' | 'max',
    cancelInProgress = false,
  ) => {
    let cancelled = false;
    let lease: Disposable | undefined | 'waiting' = 'waiting';
    const cancel = (): void => {
      cancelled = true;
    };
    const entered = groups
      .enter({ group: 'g', cancelInProgress, queue }, cancel, new AbortController().signal)
      .then((given) => {
        lease = given;
      });
    return { entered, isCancelled: () => cancelled, lease: () => lease };
  };
  test('one holds, one waits, a newer one takes the place of that', async () => {
    const groups = makeConcurrencyGroups();
    const [first, second, third] = [enter(groups, 'single'), enter(groups, 'single'), enter(groups, 'single')];
    await Promise.all([first.entered, second.entered]);
    expect(second.lease()).toBeUndefined();
    expect(third.lease()).toBe('waiting');
    (first.lease() as Disposable)[Symbol.dispose]();
    await third.entered;
    expect(third.lease()).not.toBeUndefined();
  });
  test('queue: max keeps all, in their order', async () => {
    const groups = makeConcurrencyGroups();
    const all = Array.from({ length: 5 }, () => enter(groups, 'max'));
    for (const each of all) {
      await each.entered;
      expect(all.slice(all.indexOf(each) + 1).every((later) => later.lease() === 'waiting')).toBe(true);
      (each.lease() as Disposable)[Symbol.dispose]();
    }
  });
  test('queue: max keeps a hundred waiting', async () => {
    const groups = makeConcurrencyGroups();
    const all = Array.from({ length: 103 }, () => enter(groups, 'max'));
    await Promise.all([all[0]?.entered, all[1]?.entered, all[2]?.entered]);
    expect(all.map((each) => each.lease()).filter((lease) => lease === 'waiting')).toHaveLength(100);
    expect([all[1]?.lease(), all[2]?.lease()]).toEqual([undefined, undefined]);
  });
  test('cancel-in-progress cancels the holder', async () => {
    const groups = makeConcurrencyGroups();
    const first = enter(groups, 'single');
    await first.entered;
    enter(groups, 'single', true);
    expect(first.isCancelled()).toBe(true);
  });
  test('of jobs in two runs: one after the other', async () => {
    const order: string[] = [];
    const execute = async ({ contexts }: JobRequest) => {
      order.push(`begin ${contexts.github['run_id']}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`end ${contexts.github['run_id']}`);
      return done;
    };
    await using rig = await rigOf(
      'on: push\njobs: {a: {runs-on: x, concurrency: {group: "g-${{ github.ref }}", queue: max}, steps: [{run: "true"}]}}\n',
      { execute },
    );
    const runs = [await rig.push(), await rig.push(), await rig.push()];
    await Promise.all(runs.map((run) => run.ended()));
    expect(order).toEqual([1001, 1002, 1003].flatMap((id) => [`begin ${id}`, `end ${id}`]));
  });
});

describe('rights', () => {
  test('any scope that is named sets the others to none', () => {
    expect(readPermissions({ packages: 'write' })).toEqual({ packages: 'write' });
    expect(readPermissions({ packages: 'none' })).toEqual({});
    expect(readPermissions({})).toEqual({});
    expect(readPermissions('read-all')?.['packages']).toBe('read');
    expect(readPermissions(null)).toBeUndefined();
  });
  test('a fork reads, and has no identity', () => {
    expect(readOnly({ packages: 'write', 'id-token': 'write' })).toEqual({ packages: 'read' });
  });
  test('a call may ask for less', () => {
    expect(excess({ packages: 'read' }, { packages: 'write' })).toEqual([]);
    expect(excess({ packages: 'write' }, { packages: 'read' })).toEqual(['packages: write']);
  });
  test('of a job, else of the workflow; the token ends with the job', async () => {
    const seen: Record<string, unknown> = {};
    await using rig = await rigOf(
      'on: push\npermissions: {contents: read}\njobs:\n  a: {runs-on: x, permissions: {packages: write}, steps: [{run: "true"}]}\n  b: {runs-on: x, steps: [{run: "true"}]}\n',
      {
        execute: async ({ name, permissions, contexts }) => {
          seen[name] = [permissions, rig.hub.tokens.rights(String(contexts.github['token']))];
          return done;
        },
      },
    );
    await rig.run();
    expect(seen).toEqual({
      a: [{ packages: 'write' }, { packages: 'write' }],
      b: [{ contents: 'read' }, { contents: 'read' }],
    });
    for (const token of rig.hub.tokens.all.keys()) expect(rig.hub.tokens.rights(token)).toBeUndefined();
  });
});

describe('a pull request', () => {
  const text =
    'on: pull_request\npermissions: {contents: read, packages: write}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: actions/checkout@v5\n      - run: echo "[${{ secrets.S }}] $GITHUB_REF $GITHUB_BASE_REF $GITHUB_HEAD_REF"; ls; git cat-file -p HEAD | grep -c ^parent\n';
  test.for([
    { name: 'of the repository has its secrets', fullName: 'tidewater/lantern', secret: '[***]', packages: 'write' },
    { name: 'of a fork has none, and a token that reads', fullName: 'else/lantern', secret: '[]', packages: 'read' },
  ])('$name', async ({ fullName, secret, packages }) => {
    await using rig = await rigOf(text, { secrets: { S: 'secret-of-it' } });
    await rig.hub.push(rig.repository, 'main');
    await rig.repository.git('checkout', '-q', '-b', 'topic');
    await rig.repository.commit({ 'topic.txt': 'x' });
    const [run] = await rig.hub.pullRequest({ number: 7, from: rig.repository, branch: 'topic', fullName });
    const attempt = await run?.ended();
    if (attempt === undefined) throw new Error('nothing started');
    expect(logOf(attempt, 'a')).toContain(`${secret} refs/pull/7/merge main topic\ntopic.txt\n2`);
    expect([...rig.hub.tokens.all.values()].map(({ permissions }) => permissions['packages'])).toEqual([packages]);
  });
});

describe('environments', () => {
  const text =
    'on: push\njobs: {a: {runs-on: x, environment: release, steps: [{run: "test \'${{ secrets.E }}\' = of-release"}]}, b: {runs-on: x, steps: [{run: "test -z \'${{ secrets.E }}\'"}]}}\n';
  test('give their secrets to their jobs alone', async () => {
    const attempt = await runWorkflow(text, { environments: { release: { secrets: { E: 'of-release' } } } });
    expect(resultsOf(attempt)).toEqual({ a: 'success', b: 'success' });
  });
  test('let nobody in who is not approved', async () => {
    const attempt = await runWorkflow(text, { environments: { release: { approve: async () => false } } });
    expect(resultsOf(attempt)).toEqual({ a: 'failure', b: 'success' });
  });
});

describe('calls', () => {
  const called =
    'on:\n  workflow_call:\n    inputs: {who: {type: string, required: true}, n: {type: number, default: 3}}\n    secrets: {S: {required: true}}\n    outputs: {said: {value: "${{ jobs.x.outputs.o }}"}}\n' +
    'jobs:\n  x:\n    runs-on: x\n    outputs: {o: "${{ steps.s.outputs.o }}"}\n    steps: [{id: s, run: "echo o=${{ inputs.who }}-${{ inputs.n }}-$GITHUB_REF_NAME >> $GITHUB_OUTPUT; test -n \'${{ secrets.S }}\'"}]\n';
  const caller = (more: string): string =>
    `on: push\njobs:\n  c:\n    uses: ./.github/workflows/called.yml\n${more}  after: {needs: c, runs-on: x, steps: [{run: "echo got \${{ needs.c.outputs.said }}"}]}\n`;
  const files = { '.github/workflows/called.yml': called };
  test('inputs, secrets, names and outputs', async () => {
    const attempt = await runWorkflow(caller('    with: {who: ada}\n    secrets: {S: "${{ secrets.MINE }}"}\n'), {
      files,
      secrets: { MINE: 'secret' },
    });
    expect(attempt.cells.map(({ name }) => name)).toEqual(['c / x', 'after']);
    expect(logOf(attempt, 'after')).toContain('got ada-3-main');
  });
  test.for([
    { name: 'a missing input', more: '    secrets: inherit\n', error: /who is required/ },
    { name: 'a missing secret', more: '    with: {who: ada}\n', error: /secret S is required/ },
    { name: 'an unknown input', more: '    with: {who: ada, x: 1}\n    secrets: inherit\n', error: /no input x/ },
  ])('$name fails the job', async ({ more, error }) => {
    const attempt = await runWorkflow(caller(more), { files, secrets: { S: 'secret' } });
    expect(resultsOf(attempt)).toEqual({ c: 'failure', after: 'skipped' });
    expect(logOf(attempt, 'c')).toMatch(error);
  });
  test('a called job that asks for more than its caller has fails', async () => {
    const more = {
      '.github/workflows/called.yml': called.replace('runs-on: x', 'runs-on: x\n    permissions: {packages: write}'),
    };
    const attempt = await runWorkflow(caller('    with: {who: ada}\n    secrets: inherit\n'), {
      files: more,
      secrets: { S: 'secret' },
    });
    expect(attempt.text).toContain('x asks for packages: write');
  });
  test('of which only what failed runs again', async () => {
    const flaky = called.replace("test -n '${{ secrets.S }}'", 'test $GITHUB_RUN_ATTEMPT = 2');
    await using rig = await rigOf(caller('    with: {who: ada}\n    secrets: inherit\n'), {
      files: { '.github/workflows/called.yml': `${flaky}  y: {runs-on: x, steps: [{run: "true"}]}\n` },
      secrets: { S: 'secret' },
    });
    const run = await rig.push();
    expect(resultsOf(await run.ended())).toEqual({ c: 'failure', after: 'skipped' });
    expect((await run.rerunFailed()).ran).toEqual(['c / x', 'after']);
  });
});

describe('events', () => {
  test('tags, the clock and hands start runs', async () => {
    const text =
      'on: {push: {tags: ["v*"]}, schedule: [{cron: "17 3 * * *"}], workflow_dispatch: {inputs: {only: {type: string}, dry: {type: boolean, default: true}}}}\n' +
      'jobs: {a: {runs-on: x, steps: [{run: "echo $GITHUB_EVENT_NAME $GITHUB_REF [${{ inputs.only }}] ${{ inputs.dry == true }}"}]}}\n';
    await using rig = await rigOf(text);
    expect(await rig.hub.push(rig.repository, 'main')).toEqual([]);
    await rig.repository.git('tag', 'v1');
    const runs = [
      ...(await rig.hub.pushTag(rig.repository, 'v1')),
      ...(await rig.hub.schedule('17 3 * * *')),
      ...(await rig.hub.dispatch({ only: 'api', dry: false })),
    ];
    const said = await Promise.all(
      runs.map(async (run) =>
        logOf(await run.ended(), 'a')
          .split('\n')
          .at(-1),
      ),
    );
    expect(said).toEqual([
      'push refs/tags/v1 [] false',
      'schedule refs/heads/main [] false',
      'workflow_dispatch refs/heads/main [api] false',
    ]);
  });
  test('a merge queue asks', async () => {
    await using rig = await rigOf('on: merge_group\njobs: {a: {runs-on: x, steps: [{run: "echo $GITHUB_REF"}]}}\n');
    await rig.hub.push(rig.repository, 'main');
    const [run] = await rig.hub.mergeGroup(rig.repository, 'pr-1');
    expect(run && logOf(await run.ended(), 'a')).toContain('refs/heads/gh-readonly-queue/main/pr-1');
  });
});
