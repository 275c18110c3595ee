/** The part of the schema that says how a family runs on GitHub Actions: `github`, as it is written. */
import * as z from 'zod';
import { preinstalledNames } from './github-setting.ts';

/** GitHub would evaluate it, or refuse the whole file. */
const holdsExpression = (text: string): boolean => text.includes('${{');

const plainText = z
  .string()
  .min(1, { error: 'this is empty' })
  .refine((text) => !holdsExpression(text), { error: 'a workflow would evaluate ${{' })
  .refine((text) => !/[\p{Cc}\u2028\u2029]/u.test(text), {
    error: 'this must be one line, without control characters',
  });
const texts = z.array(plainText);

const refs = z.array(
  plainText.refine((text) => !/[ ~^:]/.test(text), { error: 'a branch or tag has no blank and none of ~ ^ :' }),
);

const runsOn = z.union([
  plainText,
  texts.min(1, { error: 'name at least one label' }),
  z.strictObject({
    group: plainText.meta({ description: 'A group of runners.' }),
    labels: texts.optional().meta({ description: 'Labels that a runner of the group must have.' }),
  }),
]);

const secretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'a secret is named with letters, digits and _' });
const secretOrVariable = z.string().regex(/^(?:vars\.)?[A-Za-z_][A-Za-z0-9_]*$/, {
  error: 'name a secret (letters, digits and _), or a variable as vars.NAME',
});

const credential = z.union([
  z.literal('runner'),
  z.strictObject({
    username: secretOrVariable.meta({ description: 'The secret that holds the user’s name, or `vars.NAME`.' }),
    password: secretName.meta({ description: 'The secret that holds the password or token.' }),
  }),
]);

const cron = z.string().regex(/^[\w*,/-]+(?: +[\w*,/-]+){4}$/, {
  error: 'write five fields: minute, hour, day, month, day of the week, as in 17 3 * * *',
});

const action = /^(?:[.$]\/[\w./-]*|[\w.-]+\/[\w./-]+@[0-9a-f]{40}(?: # ?[\w.-]+)?)$/;
const pinned = z.string().regex(action, {
  error:
    'write OWNER/REPOSITORY@COMMIT with all 40 digits of the commit (a version behind #), or $/ in that repository itself',
});

const workflowFile = z.string().regex(/^\.github\/workflows\/[\w.-]+\.ya?ml$/, {
  error: 'GitHub reads workflows in .github/workflows alone, and they end in .yml',
});

const minutes = z.int().min(1).max(360, { error: 'GitHub ends a hosted job after 360 minutes' });

const prepareWhen = z.enum(['auto', 'always', 'never']);

/** `github` of a family. */
export const githubSchema = z
  .strictObject({
    name: plainText.optional().meta({ description: 'The workflow’s name. Default: `Images`.' }),
    workflow: workflowFile.optional().meta({
      description: 'The workflow’s file, from the repository’s top. Default: `.github/workflows/fanfold.yml`.',
    }),
    action: pinned.optional().meta({
      description:
        'Fanfold’s action: `OWNER/fanfold@COMMIT # v1.0.0`, or `$/` in its own repository. Default: that of the command’s version.',
    }),
    reusable: pinned.optional().meta({
      description:
        'A reusable workflow to call instead: `OWNER/fanfold/.github/workflows/publish.yml@COMMIT # v1.0.0`.',
    }),
    branches: refs.optional().meta({ description: 'Branches whose push builds and publishes. Default: main, master.' }),
    tags: refs.optional().meta({ description: 'Git tags whose push publishes. Default: `v*`.' }),
    schedule: z
      .union([cron, z.array(cron)])
      .optional()
      .meta({
        description: 'When to look for bases that moved and refreshes that are due: cron, in UTC. Default: never.',
      }),
    'pull-request': z.enum(['build', 'separate', 'stage', 'off']).optional().meta({
      description:
        'What a pull request of the same repository does: `stage` (default) builds into staging, so that merging it builds nothing; `separate` builds into `<staging>-proposed`, which no release reads; `build` leaves nothing; `off`. One from a fork has no credential and always leaves nothing.',
    }),
    'merge-queue': z.boolean().optional().meta({ description: 'Whether it runs in a merge queue. Default: true.' }),
    legs: z.enum(['push', 'staging']).optional().meta({
      description:
        '`push` (default): legs push content to the destinations, too, without a tag. `staging`: they hold no credential but staging’s, and what they built is copied by jobs of its own.',
    }),
    'content-jobs': z.int().min(0).max(250, { error: 'a matrix has room for 250 jobs' }).optional().meta({
      description:
        'With `legs: staging`: jobs that copy content to the destinations before publish, at the most. 0: publish copies by itself. Default: 8.',
    }),
    'content-environment': plainText.optional().meta({
      description: 'The environment of the jobs that copy content. Default: `environment`.',
    }),
    publish: z.enum(['job', 'leg']).optional().meta({
      description:
        '`job` (default): one job publishes when all legs ended. `leg`: a target is published by its last leg; that job finishes what is left.',
    }),
    environment: plainText.optional().meta({
      description: 'The environment of the publishing job: its approval is waited for, its secrets are seen.',
    }),
    runner: runsOn
      .optional()
      .meta({ description: 'What plan, publish and gate run on. Default: a standard hosted runner.' }),
    runners: z.record(plainText, runsOn).optional().meta({
      description:
        'Runners by platform (`linux/arm64`), by what targets give as `runner`, or as `default`: a label, labels, or `{group, labels}`. Default: a hosted runner of the platform; where there is none, an emulated one.',
    }),
    credentials: z.record(plainText, credential).optional().meta({
      description:
        'By registry, the secrets that hold user and password; `runner` where the machine is logged in. ghcr.io has the job’s own token by default.',
    }),
    secrets: z.record(secretName, secretName).optional().meta({
      description:
        'Environment variables that builds read as secrets (`secret: [id=NAME,env=VARIABLE]`): VARIABLE: SECRET.',
    }),
    'prepare-disk': z
      .union([
        prepareWhen,
        z.strictObject({
          when: prepareWhen.optional().meta({ description: 'Default: `auto`.' }),
          keep: z.array(z.enum(preinstalledNames)).optional().meta({
            description: 'What stays: legs, or later steps of a workflow of your own, run it.',
          }),
        }),
      ])
      .optional()
      .meta({
        description:
          'Whether a job removes what a hosted Ubuntu runner brings and images are not built with: `auto` (default), as little as a leg’s `disk`, declared or measured, asks for; `always`, all of it before the first leg; `never`. Nothing is removed on a machine of your own.',
      }),
    'jobs-max': z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Jobs that build, at the most. Default: as many as it takes.' }),
    minutes: z
      .strictObject({
        plan: minutes.optional().meta({ description: 'Default: 30.' }),
        publish: minutes.optional().meta({ description: 'Default: 60.' }),
      })
      .optional()
      .meta({ description: 'How long the plan and the publication may take. Legs have a limit by what they took.' }),
  })
  .meta({ description: 'How `fanfold generate github` writes the workflow.' });

/** `github` as it is written. */
export type WrittenGithub = z.infer<typeof githubSchema>;

/** The keys that can stand in the map at `path` below `github`. */
export function githubKeysAt([part, name, ...rest]: readonly (string | number)[]): readonly string[] {
  if (part === undefined) return Object.keys(githubSchema.shape);
  if (part === 'credentials' && name !== undefined && rest.length === 0) return ['username', 'password'];
  if (part === 'minutes') return ['plan', 'publish'];
  if (part === 'prepare-disk') return ['when', 'keep'];
  const isRunner = part === 'runner' ? name === undefined : part === 'runners' && name !== undefined;
  return isRunner ? ['group', 'labels'] : [];
}

/** Whether scalars at `path` below `github` are text, however YAML would read them. */
export function isGithubTextPath([part]: readonly (string | number)[]): boolean {
  return typeof part === 'string' && !['merge-queue', 'jobs-max', 'content-jobs', 'minutes'].includes(part);
}
