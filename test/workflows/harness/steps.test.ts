// What a step gets, and what it tells the runner, by scripts and actions that really run.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { logOf, plainMachine, rigOf, runWorkflow } from './rig.ts';

/** A workflow of one job with these steps. */
const job = (steps: string, more = ''): string =>
  `on: push\n${more}jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n${steps.replace(/^/gm, '      ')}\n`;

/** The job's log without the lines in which the runner tells what it will run. */
const written = (log: string): readonly string[] => {
  let isHeader = false;
  return log.split('\n').filter((line) => {
    if (line.startsWith('##[group]Run')) isHeader = true;
    const wasHeader = isHeader;
    if (line === '##[endgroup]') isHeader = false;
    return !wasHeader;
  });
};
const linesOf = async (steps: string, options: Parameters<typeof runWorkflow>[1] = {}): Promise<readonly string[]> =>
  written(logOf(await runWorkflow(job(steps), options), 'a'));

describe('scripts', () => {
  test.for([
    {
      name: 'by bash -e unless told',
      steps: '- run: |\n    echo $-\n    false | true\n    echo on',
      want: ['ehB', 'on'],
    },
    {
      name: 'shell: bash stops where a part of a pipe fails',
      steps: '- run: |\n    false | true\n    echo on\n  shell: bash',
      want: ['##[error]Process completed with exit code 1.'],
    },
    { name: 'in the workspace', steps: '- run: test "$PWD" = "$GITHUB_WORKSPACE" && echo yes', want: ['yes'] },
    {
      name: 'a step after a failure does not run',
      steps: '- run: exit 3\n- run: echo no',
      want: ['##[error]Process completed with exit code 3.'],
    },
    {
      name: 'but one with failure() does',
      steps: '- run: exit 1\n- if: failure()\n  run: echo yes',
      want: ['##[error]Process completed with exit code 1.', 'yes'],
    },
    {
      name: 'continue-on-error goes on',
      steps:
        '- id: s\n  continue-on-error: true\n  run: exit 1\n- run: echo ${{ steps.s.outcome }} ${{ steps.s.conclusion }} ${{ job.status }}',
      want: ['##[error]Process completed with exit code 1.', 'failure success success'],
    },
    {
      name: 'quotes around expressions stay as they are',
      steps: `- run: echo '\${{ github.actor }}' '\${{ github.job }}' "''"`,
      want: ["ines a ''"],
    },
    {
      name: 'a block with expressions is what YAML makes of it',
      steps:
        '- env:\n    A: |\n      x ${{ github.job }}\n        y\n\n    B: |-\n      ${{ github.job }}\n  run: |\n    cat <<END\n    [$A]\n    [$B] ${{ github.job }}\n    END',
      want: ['[x a', '  y', ']', '[a] a'],
    },
    {
      name: 'env of workflow, job and step, the nearest wins',
      steps: '- run: echo $A\n  env: {A: "${{ github.ref_name }}"}',
      want: ['main'],
    },
  ])('$name', async ({ steps, want }) => expect(await linesOf(steps)).toEqual(want));

  test('a step that is out of time fails', async () => {
    const attempt = await runWorkflow(
      job('- run: sleep 60\n  timeout-minutes: 1\n- if: failure()\n  run: echo after'),
      {
        machine: { ...plainMachine, minuteMs: 200 },
      },
    );
    expect(attempt.result).toBe('failure');
    expect(logOf(attempt, 'a')).toMatch(/timed out after 1 minutes[\s\S]*after/);
  });
});

describe('the environment of a job', () => {
  test('holds what is named, and nothing of the machine that tests', async () => {
    process.env['FANFOLD_LEAKED_BY_A_TEST'] = 'yes';
    const lines = await linesOf('- run: env | cut -d= -f1 | sort', {
      machine: { ...plainMachine, env: { IMAGE: '1' } },
    });
    delete process.env['FANFOLD_LEAKED_BY_A_TEST'];
    const names = lines.filter((name) => !/^(GITHUB_|RUNNER_)/.test(name));
    expect(names).toEqual(['CI', 'HOME', 'IMAGE', 'LANG', 'PATH', 'PWD', 'SHLVL', '_']);
  });

  test('tells the event', async () => {
    const lines = await linesOf(
      '- run: |\n    echo $GITHUB_REF $GITHUB_REF_NAME $GITHUB_REF_TYPE $GITHUB_EVENT_NAME $GITHUB_REPOSITORY $GITHUB_RUN_ATTEMPT $GITHUB_JOB\n    grep -c default_branch $GITHUB_EVENT_PATH',
    );
    expect(lines).toEqual(['refs/heads/main main branch push tidewater/lantern 1 a', '1']);
  });

  test('is clean for each job: home, temporary files and workspace', async () => {
    const steps = 'steps: [{run: "ls -A $HOME $GITHUB_WORKSPACE; touch $HOME/left $GITHUB_WORKSPACE/left"}]';
    const attempt = await runWorkflow(
      `on: push\njobs:\n  a: {runs-on: x, ${steps}}\n  b: {runs-on: x, needs: a, ${steps}}\n`,
    );
    expect(logOf(attempt, 'b')).not.toMatch(/^left/m);
    expect(attempt.result).toBe('success');
  });

  test('nothing outlives it', async () => {
    const lines = await linesOf('- run: setsid sleep 100 >/dev/null 2>&1 & echo $!');
    const pid = Number(lines[0]);
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

// Gone, or dead and not yet taken by its parent.
function isRunning(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}

describe('files', () => {
  test.for([
    {
      name: 'outputs',
      steps:
        '- id: s\n  run: printf "a=1\\nb<<EOF\\nx\\ny=z\\nEOF\\n" >> $GITHUB_OUTPUT\n- run: echo "$A $B"\n  env: {A: "${{ steps.s.outputs.a }}", B: "${{ toJSON(steps.s.outputs.b) }}"}',
      want: ['1 "x\\ny=z"'],
    },
    { name: 'variables', steps: '- run: echo A=1 >> $GITHUB_ENV\n- run: echo $A ${{ env.A }}', want: ['1 1'] },
    {
      name: 'folders of programs',
      steps:
        '- run: |\n    mkdir $RUNNER_TEMP/bin; echo "echo hello" > $RUNNER_TEMP/bin/greet; chmod +x $RUNNER_TEMP/bin/greet\n    echo $RUNNER_TEMP/bin >> $GITHUB_PATH\n- run: greet',
      want: ['hello'],
    },
    {
      name: 'a heredoc without its end fails the step',
      steps: '- run: printf "b<<EOF\\nx\\n" >> $GITHUB_OUTPUT\n- if: failure()\n  run: echo failed',
      want: ["##[error]Matching delimiter not found 'EOF'", 'failed'],
    },
    {
      name: 'a line that is no assignment fails the step',
      steps: '- run: echo nonsense >> $GITHUB_OUTPUT',
      want: ["##[error]Invalid format 'nonsense'"],
    },
    {
      name: 'NODE_OPTIONS is not taken',
      steps: '- run: echo NODE_OPTIONS=x >> $GITHUB_ENV',
      want: ['##[error]GITHUB_ENV may not set NODE_OPTIONS'],
    },
  ])('$name', async ({ steps, want }) => expect(await linesOf(steps)).toEqual(want));

  test('the summary, up to 1 MiB', async () => {
    const attempt = await runWorkflow(
      job(
        '- run: echo "# one" >> $GITHUB_STEP_SUMMARY\n- run: head -c 1100000 /dev/zero | tr "\\0" x >> $GITHUB_STEP_SUMMARY',
      ),
    );
    const report = attempt.cells[0]?.report;
    expect(report?.summary).toBe('# one\n');
    expect(report?.annotations).toEqual([
      { kind: 'error', properties: {}, message: expect.stringContaining('larger') },
    ]);
  });
});

describe('commands', () => {
  test('errors and warnings with their places', async () => {
    const attempt = await runWorkflow(
      job(
        "- run: |\n    echo '::error file=a.yaml,line=3,title=Bad%3A it::two%0Alines, 100%25'\n    echo '::warning::careful'\n    echo '::group::inside'",
      ),
    );
    expect(attempt.cells[0]?.report?.annotations).toEqual([
      { kind: 'error', properties: { file: 'a.yaml', line: '3', title: 'Bad: it' }, message: 'two\nlines, 100%' },
      { kind: 'warning', properties: {}, message: 'careful' },
    ]);
    expect(logOf(attempt, 'a')).toContain('##[group]inside');
  });
  test('none between stop-commands and its token', async () => {
    const attempt = await runWorkflow(
      job(
        "- run: |\n    echo '::stop-commands::tok-1a2b'\n    echo '::error::not one'\n    echo '::tok-1a2b::'\n    echo '::error::one'; echo '::other::text'",
      ),
    );
    expect(attempt.cells[0]?.report?.annotations.map(({ message }) => message)).toEqual(['one']);
    expect(logOf(attempt, 'a')).toMatch(/^::error::not one$/m);
  });
  test.for(['set-output name=a::b', 'set-env name=a::b', 'save-state name=a::b', 'add-path::b'])(
    '%s fails the step',
    async (command) => {
      const attempt = await runWorkflow(job(`- run: 'echo "::${command}"'`));
      expect(attempt.result).toBe('failure');
      expect(logOf(attempt, 'a')).toContain('is disabled');
    },
  );
});

describe('secrets', () => {
  const secrets = { TOKEN: 'pass-word-9', TWO: 'line-one\nline-two' };
  test('are hidden in a log, in other forms too, and a step that writes one is told', async () => {
    const text = job(
      '- env: {T: "${{ secrets.TOKEN }}", W: "${{ secrets.TWO }}"}\n  run: |\n    echo "it is $T"; printf "%s" "$T" | base64; echo "$W"; echo fine',
    );
    const attempt = await runWorkflow(text, { secrets });
    expect(written(logOf(attempt, 'a'))).toEqual(
      ['it is ***', '***', '***', '***', 'fine'].map((line) => expect.stringContaining(line.replace('***', '***'))),
    );
    for (const form of ['pass-word-9', 'line-one', 'line-two', 'cGFzcy13b3JkLTk'])
      expect(attempt.text).not.toContain(form);
    expect(attempt.leaks.length).toBe(4);
  });
  test('in a script itself are hidden in what the runner tells', async () => {
    const attempt = await runWorkflow(job('- run: "true ${{ secrets.TOKEN }}"'), { secrets });
    expect(logOf(attempt, 'a')).toContain('true ***');
    expect(attempt.leaks).toEqual([]);
  });
  test('add-mask hides what follows, and telling it is no leak', async () => {
    const attempt = await runWorkflow(job("- run: |\n    echo '::add-mask::new-one'\n    echo new-one"));
    expect(written(logOf(attempt, 'a'))).toEqual(['***']);
    expect(attempt.leaks).toEqual(['***']);
  });
  test('the job has a token, which is hidden and ends with it', async () => {
    const attempt = await runWorkflow(job('- run: echo "${{ github.token }}" "${{ secrets.GITHUB_TOKEN }}"'));
    expect(written(logOf(attempt, 'a'))).toEqual(['*** ***']);
  });
});

describe('actions', () => {
  const files = {
    'act/action.yml':
      'name: a\ndescription: a\ninputs:\n  first-one: {description: x, default: "of ${{ github.repository }}"}\n  second: {description: x}\nruns: {using: node24, main: main.js}\n',
    'act/main.js':
      "const { appendFileSync } = require('node:fs');\nconsole.log(process.env['INPUT_FIRST-ONE'], process.env.INPUT_SECOND, process.cwd() === process.env.GITHUB_WORKSPACE);\nappendFileSync(process.env.GITHUB_OUTPUT, 'o=out\\n');\nif (process.env.INPUT_SECOND === 'fail') process.exitCode = 1;\n",
  };
  test('of the workspace: defaults, inputs, outputs', async () => {
    const steps =
      '- uses: actions/checkout@v5\n- id: s\n  uses: ./act\n  with: {second: "${{ 1 + 1 == 3 }}"}\n- run: echo ${{ steps.s.outputs.o }}';
    const fixed = steps.replace('1 + 1 == 3', 'github.ref_name');
    expect(await linesOf(fixed, { files })).toEqual(['of tidewater/lantern main true', 'out']);
  });
  test('an unknown input fails', async () => {
    expect(await linesOf('- uses: actions/checkout@v5\n- uses: ./act\n  with: {third: 1}', { files })).toEqual([
      "##[error]Unexpected input(s) 'third', valid inputs are first-one,second",
    ]);
  });
  test('a status other than 0 fails', async () => {
    const lines = await linesOf('- uses: actions/checkout@v5\n- uses: ./act\n  with: {second: fail}', { files });
    expect(lines.at(-1)).toBe('##[error]Process completed with exit code 1.');
  });
  test('one that nobody brought fails', async () => {
    expect(await linesOf('- uses: a/b@v1')).toEqual(['##[error]a/b@v1 is not known here']);
  });
});

describe('checkout', () => {
  test.for([
    { name: 'one commit unless told', given: '', want: ['true', '1', 'main'] },
    { name: 'fetch-depth: 0 is everything', given: 'with: {fetch-depth: 0}', want: ['false', '2', 'main'] },
  ])('$name', async ({ given, want }) => {
    const steps = `- uses: actions/checkout@v5\n${given === '' ? '' : `  ${given}\n`}- run: git rev-parse --is-shallow-repository; git rev-list --count HEAD; git branch --show-current`;
    await using rig = await rigOf(job(steps));
    await rig.repository.commit({ more: 'x' });
    expect(written(logOf(await rig.run(), 'a'))).toEqual(want);
  });
  test('takes the commit of the run, though the branch went on', async () => {
    await using rig = await rigOf(
      job('- uses: actions/checkout@v5\n  with: {fetch-depth: 0}\n- run: git log -1 --format=%s; ls'),
      { runners: 1 },
    );
    const first = await rig.push();
    await rig.repository.commit({ later: 'x' }, 'Later');
    await rig.push();
    expect(written(logOf(await first.ended(), 'a'))).toEqual(['Change']);
  });
  test('keeps its token unless told', async () => {
    const steps = (value: string): string =>
      `- uses: actions/checkout@v5\n  with: {persist-credentials: ${value}}\n- run: grep -c extraheader .git/config || true`;
    expect(await linesOf(steps('true'))).toEqual(['1']);
    expect(await linesOf(steps('false'))).toEqual(['0']);
  });
  test('needs a token that may read', async () => {
    const attempt = await runWorkflow(job('- uses: actions/checkout@v5', 'permissions: {packages: write}\n'));
    expect(attempt.result).toBe('failure');
    expect(attempt.text).toContain('contents: read');
  });
});
