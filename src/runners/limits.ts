/** What CI services allow, as their documentation and practice had it on the date of each fact. */

/** Limits of a CI service that a plan must keep. */
export interface CiLimits {
  readonly name: string;
  /** Jobs of one matrix. */
  readonly matrixJobs: number;
  /** How long a job may run. */
  readonly jobMs: number;
}

/** Limits of GitHub Actions. */
export interface GithubLimits extends CiLimits {
  /** What the outputs of one job may hold, in UTF-16 units. */
  readonly outputUnits: number;
}

/** Limits of GitLab CI. */
export interface GitlabLimits extends CiLimits {
  /** Jobs that one job's `needs` may name. */
  readonly needs: number;
  /** Characters of a value of `parallel:matrix`. */
  readonly valueLength: number;
  /** Jobs of all pipelines that run in a namespace of the smallest plan. */
  readonly activeJobs: number;
}

const hour = 3_600_000;

/**
 * GitHub Actions (docs.github.com, "Actions limits", 2026). 256 jobs a matrix: the page says a run, practice says each `strategy.matrix`, and
 * cells beyond it were seen to vanish without an error (2026-09). Outputs: 1 MB a job, measured as UTF-16: about 500,000 ASCII characters.
 * A hosted job ends after six hours.
 */
export const githubLimits: GithubLimits = {
  name: 'GitHub Actions',
  matrixJobs: 256,
  outputUnits: 500_000,
  jobMs: 6 * hour,
};

/**
 * GitLab CI (docs.gitlab.com, and the settings of GitLab.com, 2026). 200 jobs of a `parallel:matrix`; 50 names in `needs` by default; a matrix
 * value of more than about 247 characters fails (seen in practice, gitlab-org/gitlab#353024); 500 active jobs in the Free plan. A job ends after an
 * hour by default: a project may say otherwise, and whoever packs for one gives its own `jobMs`.
 */
export const gitlabLimits: GitlabLimits = {
  name: 'GitLab CI',
  matrixJobs: 200,
  jobMs: hour,
  needs: 50,
  valueLength: 247,
  activeJobs: 500,
};

/** What Fanfold fills of a matrix at the most: a workflow's own entries find room beside it. */
export const maxMatrixJobs = 250;
