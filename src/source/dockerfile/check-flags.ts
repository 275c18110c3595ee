/** Whether an instruction's flags are ones that it takes, with values of the right form. */
import { nearestName } from '../../base/errors/nearest.ts';
import type { Flag, Instruction } from './instruction.ts';
import { flagForms, isKeyword } from './keywords.ts';

// BuildKit never looks at these instructions' flags.
const unchecked = new Set(['ARG', 'STOPSIGNAL']);

/** Reports each flag that cannot be; true where there is none. */
export function checkFlags(
  instruction: Instruction,
  report: (message: string, line: number, column: number, hint?: string) => void,
): boolean {
  const { keyword, flags } = instruction;
  if (!isKeyword(keyword) || unchecked.has(keyword)) return true;
  // HEALTHCHECK NONE does not look at them either.
  if (keyword === 'HEALTHCHECK' && /^none\b/i.test(instruction.rest)) return true;
  const seen = new Set<string>();
  let sound = true;
  for (const flag of flags) {
    const problem = problemOf(flag, keyword, seen);
    seen.add(flag.name);
    if (problem === undefined) continue;
    sound = false;
    report(problem.message, flag.line, flag.column, problem.hint);
  }
  return sound;
}

function problemOf(
  flag: Flag,
  keyword: Parameters<typeof flagForms>[0],
  seen: ReadonlySet<string>,
): { message: string; hint?: string } | undefined {
  const forms = flagForms(keyword);
  const form = forms.find((candidate) => candidate.name === flag.name);
  if (form === undefined) {
    const names = forms.map((candidate) => candidate.name);
    const nearest = nearestName(flag.name, names);
    const message = `${keyword} does not take --${flag.name}`;
    return nearest === undefined ? { message } : { message, hint: `write --${nearest}` };
  }
  if (seen.has(flag.name) && form.kind !== 'texts') return { message: `--${flag.name} is given twice` };
  if (form.kind !== 'boolean') {
    return flag.value === undefined ? { message: `--${flag.name} needs a value` } : undefined;
  }
  if (flag.value === undefined || /^(true|false)$/i.test(flag.value)) return undefined;
  return { message: `--${flag.name} is true or false, not ${JSON.stringify(flag.value)}` };
}
