// The shape of workflow that such a family has without Fanfold: a job for each leg, and one for each image that merges its legs.

/** GitHub's bound of a matrix. */
const maxJobs = 256;

/** Legs as `TARGET@PLATFORM`, and the workflow that a hand-written script's matrices go into. */
export interface MergeJobs {
  readonly workflow: string;
  /** What its first job gives the others. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** The workflow of a family: matrices come from its first job, none over the bound. Legs push by digest; merges wait for all of them. */
export function mergeJobs(legs: readonly string[]): MergeJobs {
  const targets = [...new Set(legs.map((leg) => leg.slice(0, leg.lastIndexOf('@'))))];
  const builds = shardsOf(legs, 'leg');
  const merges = shardsOf(targets, 'target');
  const buildNames = builds.map((_, place) => `build-${place + 1}`);
  const jobs = [
    ...builds.map((_, place) => job(`build-${place + 1}`, 'matrix', '', 'leg')),
    ...merges.map((_, place) =>
      job(`merge-${place + 1}`, `[matrix, ${buildNames.join(', ')}]`, '!cancelled() && ', 'target'),
    ),
  ];
  const names = [...buildNames, ...merges.map((_, place) => `merge-${place + 1}`)];
  const outputs = names.map((name) => `      ${name}: \${{ steps.matrix.outputs.${name} }}\n`).join('');
  const first = `  matrix:\n    runs-on: ubuntu-24.04\n    outputs:\n${outputs}    steps: [{ id: matrix, run: node scripts/matrix.js }]\n`;
  return {
    workflow: `on: push\njobs:\n${first}${jobs.join('')}`,
    outputs: Object.fromEntries(
      [...builds, ...merges].map((include, place) => [names[place], JSON.stringify({ include })]),
    ),
  };
}

function job(name: string, needs: string, condition: string, value: string): string {
  return `  ${name}:
    needs: ${needs}
    if: \${{ ${condition}needs.matrix.outputs.${name} != '' }}
    name: ${name} \${{ matrix.${value} }}
    strategy: { fail-fast: false, matrix: "\${{ fromJSON(needs.matrix.outputs.${name}) }}" }
    runs-on: ubuntu-24.04
    steps: [{ run: "true" }]
`;
}

function shardsOf(values: readonly string[], name: string): readonly (readonly Readonly<Record<string, string>>[])[] {
  const count = Math.ceil(values.length / maxJobs);
  return Array.from({ length: count }, (_, shard) =>
    values.filter((_value, place) => place % count === shard).map((value) => ({ [name]: value })),
  );
}
