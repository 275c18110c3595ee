/** The part of the schema that says how a family runs on GitLab CI: `gitlab`, as it is written and, with its defaults, as it is read. */
import * as z from 'zod';

const plainText = z
  .string()
  .min(1, { error: 'this is empty' })
  .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), {
    error: 'this must be one line, without control characters',
  });
const tags = z.array(plainText);

/** `gitlab` of a family. */
export const gitlabSchema = z
  .strictObject({
    pipeline: z
      .string()
      .regex(/^(?!\/)(?!.*\.\.)[\w./-]+\.ya?ml$/, { error: 'name a .yml file inside of the repository' })
      .optional()
      .meta({ description: 'The pipeline’s file, from the repository’s top. Default: `.gitlab-ci.yml`.' }),
    image: plainText.optional().meta({ description: 'The image that every job runs in. Default: `node:24`.' }),
    command: z
      .array(plainText)
      .min(1, { error: 'a command needs at least the program' })
      .optional()
      .meta({ description: 'How jobs call Fanfold, as an argument list. Default: `npx --yes fanfold@VERSION`.' }),
    tags: tags.optional().meta({ description: 'Tags of the runners that jobs run on. Default: any runner.' }),
    runners: z.record(plainText, tags).optional().meta({
      description: 'Tags by platform (`linux/arm64`) or by what targets give as `runner`. Default: `tags`.',
    }),
    legs: z.enum(['push', 'staging']).optional().meta({
      description:
        '`push` (default): legs push content to the destinations, too, without a tag; in a merge request they never do. `staging`: they need no credential but staging’s, and publish copies what they built.',
    }),
    'jobs-max': z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Jobs that build, at the most. Default: as many as it takes.' }),
  })
  .meta({ description: 'How `fanfold generate gitlab` writes the pipeline.' });

/** What it says, as it is written. */
export type WrittenGitlab = z.infer<typeof gitlabSchema>;

/** How a family runs on GitLab CI. */
export interface GitlabSetting {
  readonly pipeline: string;
  readonly image: string;
  /** Absent: the command of this version, by npx. */
  readonly command?: readonly string[];
  readonly tags: readonly string[];
  readonly runners: Readonly<Record<string, readonly string[]>>;
  readonly legs: 'push' | 'staging';
  readonly jobsMax?: number;
}

/** The setting, with every default in place. */
export function gitlabSetting(written: WrittenGitlab = {}): GitlabSetting {
  const { pipeline = '.gitlab-ci.yml', image = 'node:24', tags: own = [], runners = {}, legs = 'push' } = written;
  const { command } = written;
  const jobsMax = written['jobs-max'];
  return {
    ...{ pipeline, image, tags: own, runners, legs },
    ...(command === undefined ? {} : { command }),
    ...(jobsMax === undefined ? {} : { jobsMax }),
  };
}
