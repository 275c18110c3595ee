/** A plan on this machine, shown as it goes: what `build` and `run` share. */
import type { Plan } from '../plan/plan.ts';
import { describeEvent } from '../report/lines.ts';
import { createLiveList } from '../report/terminal.ts';
import type { RunEvent, RunOutcome } from '../run/events.ts';
import { option } from './command.ts';
import { keyOptions, openProject, type Project, type ProjectCall, planProject, projectOptions } from './project.ts';

/** Options of commands that build. */
export const runOptions = {
  ...projectOptions,
  ...keyOptions,
  jobs: option.integer('legs side by side at the most; the number of processors, at most 4, where absent', 'N', 'j'),
  all: option.boolean('build every leg, whatever staging holds (what it holds stays: the first result of a key wins)'),
  dryRun: option.boolean('print the plan and change nothing', 'n'),
};

type RunCall = ProjectCall<
  Parameters<typeof openProject>[0]['options'] &
    Parameters<typeof planProject>[1]['options'] & {
      readonly jobs: number | undefined;
      readonly all: boolean;
      readonly dryRun: boolean;
    }
>;

/** What a run came to: the plan alone in a dry run. */
export type RunResult =
  | { readonly kind: 'plan'; readonly plan: Plan }
  | { readonly kind: 'outcome'; readonly outcome: RunOutcome };

const processorsMax = 4;

/** Plans and, unless it is a dry run, runs. */
export async function runProject(
  call: RunCall,
  setting: { readonly publish: boolean; readonly stagingOnly: boolean },
): Promise<RunResult> {
  const project = await openProject(call);
  const plan = await planProject(project, call, { all: call.options.all });
  if (call.options.dryRun) return { kind: 'plan', plan };
  const { runPlan } = await import('../run/run.ts');
  const shown = showEvents(call);
  try {
    const outcome = await runPlan(
      plan,
      { ...(await legSetting(project, call)), ...setting, all: call.options.all, on: shown.on, atOnce: atOnce(call) },
      call,
    );
    return { kind: 'outcome', outcome };
  } finally {
    shown.end();
  }
}

async function legSetting({ family, open, revision }: Project, { host }: RunCall) {
  const { createChooser } = await import('./chooser.ts');
  return { family, host, open, revision, run: runName(host.env), choose: createChooser(host) };
}

/** What tells a run in records: GitHub's or GitLab's URL of it; else nothing, for a person's machine is nobody's business. */
function runName(env: Readonly<Record<string, string>>): string {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, CI_JOB_URL: job } = env;
  if (server !== undefined && repository !== undefined && run !== undefined)
    return `${server}/${repository}/actions/runs/${run}`;
  return job ?? '';
}

function atOnce({ options, host }: RunCall): number {
  return options.jobs ?? Math.min(processorsMax, host.processors);
}

const tickMs = 200;

/** A live list on a terminal, plain lines elsewhere. */
function showEvents({ output, host }: RunCall): { readonly on: (event: RunEvent) => void; readonly end: () => void } {
  const { screen, style } = output;
  if (screen === undefined) {
    return { on: (event) => describeEvent(event, style).forEach(output.note), end: () => undefined };
  }
  const list = createLiveList({ ...screen, nowMs: () => host.clock.monotonicMs() }, style);
  const timer = setInterval(() => list.tick(), tickMs);
  return {
    on: (event) => list.on(event),
    end: () => {
      clearInterval(timer);
      list.end();
    },
  };
}
