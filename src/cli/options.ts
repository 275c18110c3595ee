/** Options that commands on a family share. */
import { option } from './command.ts';

/** Options of every command on a family. */
export const projectOptions = {
  file: option.string('the configuration; fanfold.yaml here or in a folder above, where absent', 'PATH', {
    short: 'f',
  }),
  only: option.strings('take targets whose name matches a glob alone (and what they build on)', 'GLOB'),
  except: option.strings('leave out targets whose name matches a glob', 'GLOB'),
  ref: option.string('the Git ref that tags follow from, instead of what CI or Git says', 'refs/...'),
  moment: option.string(
    'the time and the base images of a plan, as its output `moment` or a file with it: what comes after it in other jobs has its keys; FANFOLD_MOMENT, where absent',
    'FILE-OR-JSON',
  ),
};

/** Options of every command that keys legs. */
export const keyOptions = {
  worktree: option.boolean(
    'key files as they stand on disk, uncommitted ones too; the default where staging is a local layout',
  ),
  head: option.boolean('key files as committed; the default where staging is a registry'),
};

/** An option of commands that move tags. */
export const takeTagsOption = option.boolean(
  'move tags from newer commits and versions, too, and over what is named for good (to roll back; after a forced push)',
);

/** Options of packing. */
export const packOptions = {
  format: option.string(
    'pack the legs to build into jobs: print them, or give them to the GitHub job as outputs; gitlab is json, by the runners of GitLab CI',
    'FORM',
    {
      choices: ['table', 'json', 'github', 'gitlab'],
    },
  ),
  jobsMax: option.integer('jobs at the most, over all shards (with --format)', 'N'),
};

/** Options of commands that build. */
export const runOptions = {
  ...projectOptions,
  ...keyOptions,
  jobs: option.integer('legs side by side at the most; the number of processors, at most 4, where absent', 'N', 'j'),
  all: option.boolean('build every leg, whatever staging holds; what comes out takes its place'),
  dryRun: option.boolean('print the plan and change nothing', 'n'),
};

/** An option of commands that carry something out. */
export const summaryOption = option.string('add a summary in Markdown to a file, as for $GITHUB_STEP_SUMMARY', 'FILE');
