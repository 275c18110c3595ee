/** What CI services allow, as their documentation and practice had it on the date of each fact. */

/** Limits of a CI service that a plan must keep. */
export interface CiLimits {
  readonly name: string;
  /** Jobs of one matrix. */
  readonly matrixJobs: number;
  /** What the outputs of one job may hold, in UTF-16 units. */
  readonly outputUnits: number;
  /** How long a job may run. */
  readonly jobMs: number;
}

const hour = 3_600_000;

/**
 * GitHub Actions (docs.github.com, "Actions limits", 2026). 256 jobs a matrix: the page says a run, practice says each `strategy.matrix`, and
 * cells beyond it were seen to vanish without an error (2026-09). Outputs: 1 MB a job, measured as UTF-16: about 500,000 ASCII characters.
 * A hosted job ends after six hours.
 */
export const githubLimits: CiLimits = {
  name: 'GitHub Actions',
  matrixJobs: 256,
  outputUnits: 500_000,
  jobMs: 6 * hour,
};

/** What Fanfold fills of a matrix at the most: a workflow's own entries find room beside it. */
export const maxMatrixJobs = 250;
