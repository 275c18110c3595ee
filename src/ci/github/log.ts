/**
 * The log of a step: plain lines, in which no command of the runner is heard, and commands of our own between them. A builder prints what a
 * Dockerfile tells it to; a line that begins with `::` or holds `##[` would be obeyed.
 */
import type { Secrets } from '../../base/host/secrets.ts';
import { type Properties, workflowCommand } from './command.ts';

/** A step's log. */
export interface JobLog {
  /** Lines for people, whatever stands in them. */
  note(text: string): void;
  /** What follows stands folded below a title, until `ungroup` or the next group. */
  group(title: string): void;
  ungroup(): void;
  /** A mistake or a notice, shown at its file and line. */
  annotate(level: 'error' | 'warning' | 'notice', properties: Properties, message: string): void;
  /** The runner blanks `secret` in every later line of the job. */
  mask(secret: string): void;
  /** Commands are heard again, for what comes after this step's process. */
  end(): void;
}

const tokenBytes = 16;

/**
 * A log that writes to the step's standard output: it alone, for the runner reads both streams and no order holds between them.
 * @param random gives the tokens by which commands are heard again: what is printed in between cannot know them
 */
export function createJobLog(
  write: (text: string) => void,
  random: (sizeBytes: number) => Uint8Array,
  secrets: Pick<Secrets, 'redact'>,
): JobLog {
  let token = '';
  let isGrouped = false;
  const stop = (): void => {
    token = `fanfold-${Buffer.from(random(tokenBytes)).toString('hex')}`;
    write(`${workflowCommand('stop-commands', {}, token)}\n`);
  };
  const command = (text: string): void => {
    write(`::${token}::\n${text}\n`);
    stop();
  };
  const ungroup = (): void => {
    if (isGrouped) command(workflowCommand('endgroup', {}, ''));
    isGrouped = false;
  };
  stop();
  return {
    note: (text) => write(`${secrets.redact(text)}\n`),
    group(title) {
      ungroup();
      command(workflowCommand('group', {}, secrets.redact(title)));
      isGrouped = true;
    },
    ungroup,
    annotate: (level, properties, message) => command(workflowCommand(level, properties, secrets.redact(message))),
    mask: (secret) => command(workflowCommand('add-mask', {}, secret)),
    end() {
      ungroup();
      write(`::${token}::\n`);
    },
  };
}
