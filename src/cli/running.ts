/** A run as the command line shows it. */
import type { ProjectCall } from '../call/project.ts';
import { type RunManner, type RunResult, type RunValues, runProject } from '../call/running.ts';
import { describeEvent } from '../report/lines.ts';
import { createLiveList } from '../report/terminal.ts';
import type { RunEvent } from '../run/events.ts';
import type { Output } from './command.ts';

type RunCall = ProjectCall<RunValues> & { readonly output: Output };

/** Plans and, unless it is a dry run, runs, shown as it goes. */
export async function runShown(call: RunCall, manner: Omit<RunManner, 'on'>): Promise<RunResult> {
  const shown = showEvents(call);
  try {
    return await runProject(call, { ...manner, on: shown.on });
  } finally {
    shown.end();
  }
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
