/** What fanfold.yaml says of GitHub Actions: `github:`, as plain data. */

/** Where a job runs: a label, labels that one runner has all of, or a group with labels. */
export type RunsOn = string | readonly string[] | { readonly group: string; readonly labels?: readonly string[] };

/** Runners by platform (`linux/arm64`), by a name that targets give as their `runner`, or as `default`. */
export type RunnerSetting = Readonly<Record<string, RunsOn>>;
