/** A run as the command line shows it. */
import type { ProjectCall } from '../call/project.ts';
import { describeEvent } from '../report/lines.ts';
import { createLiveList } from '../report/terminal.ts';
import type { RunEvent } from '../run/events.ts';
import type { Output } from './command.ts';

type RunCall = ProjectCall<object> & { readonly output: Output };

/** Runs something with events shown as they come. */
export async function shown<R>(call: RunCall, run: (on: (event: RunEvent) => void) => Promise<R>): Promise<R> {
  const list = showEvents(call);
  try {
    return await run(list.on);
  } finally {
    list.end();
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
