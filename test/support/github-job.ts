// What a GitHub runner does with the files that a step writes to: outputs and their kin, read as it reads them.

/** The values of a GITHUB_OUTPUT (or GITHUB_ENV) file. Throws where a runner would refuse it. */
export function parseOutputs(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n');
  const values: Record<string, string> = {};
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(line) ?? [];
    if (name === undefined || delimiter === undefined) throw new Error(`not as a runner takes it: ${line}`);
    const end = lines.indexOf(delimiter, at + 1);
    if (end < 0) throw new Error(`${name} does not end`);
    values[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return values;
}
