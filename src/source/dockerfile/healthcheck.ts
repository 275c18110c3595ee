/** HEALTHCHECK: its command and its times. */
import { flagValue, type Instruction } from './instruction.ts';
import { mistake } from './mistake.ts';
import type { StepAction } from './step.ts';

/**
 * The action of HEALTHCHECK.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function healthcheckAction(instruction: Instruction): StepAction {
  const [, kind = '', text = ''] = /^(\S+)\s*(.*)$/s.exec(instruction.rest) ?? [];
  if (kind.toUpperCase() === 'NONE') {
    if (text !== '') throw mistake('HEALTHCHECK NONE takes no arguments');
    return { kind: 'healthcheck', healthcheck: { kind: 'none' } };
  }
  if (kind.toUpperCase() !== 'CMD') throw mistake('HEALTHCHECK takes CMD or NONE', 'write HEALTHCHECK CMD command');
  const { exec } = instruction;
  if (exec === undefined ? text === '' : exec.length === 0) throw mistake('HEALTHCHECK CMD has no command');
  const time = (name: string) => readDuration(name, flagValue(instruction, name) ?? '');
  return {
    kind: 'healthcheck',
    healthcheck: {
      kind: 'command',
      command: exec === undefined ? { form: 'shell', text } : { form: 'exec', argv: exec },
      intervalNs: time('interval'),
      timeoutNs: time('timeout'),
      startPeriodNs: time('start-period'),
      startIntervalNs: time('start-interval'),
      retries: readRetries(flagValue(instruction, 'retries') ?? ''),
    },
  };
}

const unitNs: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

// Go's durations: `1h30m`, `1.5s`, `500ms`.
function readDuration(flag: string, text: string): number {
  if (text === '' || /^[+-]?0$/.test(text)) return 0;
  const form = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
  if (!/^\+?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) {
    throw mistake(`--${flag} is no duration: ${JSON.stringify(text)}`, 'write it as 30s, 500ms or 1m30s');
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(form)) total += Number(amount) * (unitNs[unit ?? ''] ?? 0);
  const whole = Math.trunc(total);
  if (whole !== 0 && whole < 1e6) throw mistake(`--${flag} is under one millisecond`);
  return whole;
}

function readRetries(text: string): number {
  if (text === '') return 0;
  if (!/^\+?\d{1,9}$/.test(text)) throw mistake(`--retries is no number: ${JSON.stringify(text)}`);
  return Number(text);
}
