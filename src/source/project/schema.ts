/** The one schema of fanfold.yaml: its types, its JSON Schema and its reference page come from here. */
import * as z from 'zod';
import { writtenDiskSize } from './disk-size.ts';
import { fits } from './fits.ts';
import { githubSchema } from './github-schema.ts';
import { gitlabSchema } from './gitlab-schema.ts';
import {
  ignoreSchema,
  inputsSchema,
  refreshBudgetSchema,
  refreshSchema,
  sharedSchema,
  volatileSchema,
} from './input-schema.ts';
import { sourcesSchema } from './source-schema.ts';

const text = z.union([z.string(), z.number(), z.boolean()]);
const nonEmpty = z.string().min(1, { error: 'this is empty' });
const strings = z.array(nonEmpty);
const argument = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'an argument is named with letters, digits and _' });

/** What a target's name looks like: Bake's, and dots inside. */
const targetName = z
  .string()
  .max(128, { error: 'a target’s name has at most 128 characters' })
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, { error: 'a target is named with letters, digits, _, . and -' });

const destination = z
  .union([
    nonEmpty,
    z.strictObject({
      to: nonEmpty.meta({ description: 'Where to publish, without the image’s name: `ghcr.io/acme` or `oci:PATH`.' }),
      required: z
        .boolean()
        .optional()
        .meta({ description: 'Whether a publication fails where this destination does. Default: true.' }),
    }),
  ])
  .meta({
    description: 'A registry’s namespace, or `oci:PATH` for a folder of OCI layouts. The image’s name is added to it.',
  });

const attestations = z
  .strictObject({
    provenance: z
      .union([z.literal(false), z.enum(['min', 'max'])])
      .optional()
      .meta({ description: 'SLSA provenance: `false`, `min` or `max`. `max` names every build argument’s value.' }),
    sbom: z
      .union([z.boolean(), nonEmpty])
      .optional()
      .meta({ description: 'A bill of materials: `false`, `true`, or the image of the generator that makes it.' }),
  })
  .meta({
    description:
      'What is attested of each leg. Default: `provenance: max` (what an image was made from must be known to be checked, and costs nothing), `sbom: false` (a scanner would run over each leg: ask for it).',
  });

const builder = z
  .union([
    z.enum(['direct', 'buildx', 'buildah']),
    z.strictObject({
      command: strings.min(1, { error: 'a command needs at least the program' }).meta({
        description:
          'An argument list, run in the context: it pushes to `$FANFOLD_REFERENCE`, or leaves an OCI layout in `$FANFOLD_LAYOUT`.',
      }),
    }),
    z.strictObject({
      buildx: z
        .strictObject({
          builder: nonEmpty
            .optional()
            .meta({ description: 'A builder’s name, as `docker buildx ls` prints it. Default: the one in use.' }),
          remote: z.enum(['export', 'push']).optional().meta({
            description:
              'What a BuildKit does that does not reach this machine’s loopback: `export` (default) hands its OCI export over, `push` pushes to the destinations itself, with credentials for them.',
          }),
        })
        .meta({ description: 'Buildx, with a builder that is named, or one that is remote.' }),
    }),
  ])
  .meta({
    description:
      '`direct` (no RUN, no daemon), `buildx`, `buildah`, `{buildx: {builder: NAME, remote: export | push}}` or `{command: [...]}`. Default: what the Dockerfile needs and the machine has.',
  });

const generatedFiles = z.strictObject({
  paths: strings
    .min(1, { error: 'name at least one path' })
    .meta({ description: 'Files and folders that the command makes.' }),
  run: strings.min(1, { error: 'a command needs at least the program' }).meta({
    description:
      'An argument list, run in a clean export of the family’s folder; it finds `$FANFOLD_TARGET` and `$FANFOLD_PLATFORM`.',
  }),
  lock: strings.min(1, { error: 'name at least one file' }).meta({
    description: 'Files that decide what the command brings: the key takes them and the command, never the bytes.',
  }),
});

const disk = z.string().regex(writtenDiskSize, { error: 'write a number and its unit, as in 30GB or 20.5GiB' });
const cache = z.enum(['off', 'min', 'max']);

/** What may differ from platform to platform of one target. */
export const platformFields = z.strictObject({
  args: z.record(argument, text).optional().meta({ description: 'Build arguments for this platform alone.' }),
  runner: nonEmpty.optional().meta({ description: 'The machine that this platform’s leg runs on.' }),
  disk: disk.optional().meta({ description: 'How much disk this platform’s leg needs.' }),
  cache: cache.optional().meta({ description: 'The cache of this platform’s leg.' }),
});

/** Fields that stand at the top as every target's default, or in a target. */
const shared = {
  destinations: z
    .array(destination)
    .min(1, { error: 'name at least one destination' })
    .optional()
    .meta({ description: 'Where the images are published; the first one names the default staging.' }),
  platforms: strings
    .min(1, { error: 'name at least one platform' })
    .optional()
    .meta({ description: 'What the images run on: `linux/amd64`, `linux/arm/v7`, ...' }),
  tags: z.union([z.string(), strings]).optional().meta({
    description:
      'Tag rules in docker/metadata-action’s syntax, one to a line (or to an item). Default: its own (schedule, branch, tag, pull request).',
  }),
  flavor: z
    .union([z.string(), strings])
    .optional()
    .meta({ description: 'docker/metadata-action’s flavor: `latest=`, `prefix=`, `suffix=`, `onlatest=`.' }),
  attestations: attestations.optional(),
  bases: z.enum(['resolve', 'pinned', 'ignore']).optional().meta({
    description:
      'What the key takes of base images: the digest that they have now (`resolve`, the default), one that must be written (`pinned`), or the reference alone (`ignore`).',
  }),
  builder: builder.optional(),
  args: z
    .record(argument, text)
    .optional()
    .meta({ description: 'Build arguments, as they are written: `1.10` stays `1.10`.' }),
  labels: z.record(nonEmpty, text).optional().meta({ description: 'Labels of the image’s config.' }),
  annotations: z.record(nonEmpty, text).optional().meta({ description: 'Annotations of the image’s manifest.' }),
  generated: z
    .union([generatedFiles, z.array(generatedFiles)])
    .optional()
    .meta({ description: 'Files that a command brings before a build.' }),
  runner: nonEmpty.optional().meta({
    description: 'The machine that the legs run on: a label of GitHub’s hosted runners, or of your own.',
  }),
  disk: disk.optional().meta({
    description:
      'How much free disk a leg needs while it is built: `30GB`, `20.5GiB`. A hosted runner with less is prepared, and a leg that cannot fit is an error. Default: what it took the last time.',
  }),
  cache: cache.optional().meta({
    description:
      'A cache of Buildx’s steps in staging, one for each target and platform: of the image’s own layers (`min`), or of every stage’s (`max`). Default: `off`, for a leg that did not change is not built at all.',
  }),
  'per-platform': z.record(nonEmpty, platformFields).optional().meta({
    description: 'What differs on one platform, by its name: `linux/arm64: {runner: ubuntu-24.04-arm}`.',
  }),
  test: z
    .array(strings.min(1, { error: 'a command needs at least the program' }))
    .optional()
    .meta({
      description:
        'Commands that must pass before tags move: argument lists, run on each leg’s machine after its build, no shell. `{reference}` in an argument stands for the leg’s image on this machine’s loopback, `{image}` for the same in staging. `[]`: none.',
    }),
  volatile: volatileSchema.optional(),
  inputs: inputsSchema.optional(),
  refresh: refreshSchema.optional(),
};

const matrixValue = z.union([text, z.record(argument, text)]);

/** One target as it is written. */
export const targetSchema = z
  .strictObject({
    context: nonEmpty.optional().meta({ description: 'The folder that is built from. Default: that of fanfold.yaml.' }),
    dockerfile: nonEmpty.optional().meta({
      description: 'The Dockerfile, from fanfold.yaml’s folder as all paths are. Default: `CONTEXT/Dockerfile`.',
    }),
    target: nonEmpty.optional().meta({ description: 'The stage of the Dockerfile. Default: its last one.' }),
    image: nonEmpty.optional().meta({ description: 'The name that is added to destinations. Default: the target’s.' }),
    ...shared,
    contexts: z.record(nonEmpty, nonEmpty).optional().meta({
      description:
        'Named contexts: a folder, `target:NAME`, `docker-image://REFERENCE`, `oci-layout://PATH`, or a Git repository’s URL.',
    }),
    secret: strings
      .optional()
      .meta({ description: 'Secrets that a build may read: `id=NAME,env=VARIABLE` or `id=NAME,src=PATH`.' }),
    ssh: strings.optional().meta({ description: 'SSH agents that a build may use: `default`, or `ID=PATH`.' }),
    network: z.enum(['default', 'none', 'host']).optional().meta({ description: 'The network that RUN sees.' }),
    'cache-from': strings.optional().meta({ description: 'Caches that BuildKit reads, as `--cache-from` takes them.' }),
    'cache-to': strings.optional().meta({ description: 'Caches that BuildKit writes, as `--cache-to` takes them.' }),
    inherits: z.array(nonEmpty).optional().meta({
      description: 'Targets whose fields are taken where this one has none; a later one wins over an earlier one.',
    }),
    matrix: z
      .record(argument, z.array(matrixValue).min(1, { error: 'name at least one value' }))
      .optional()
      .meta({
        description: `One target for each combination of values: \`\${NAME}\` (or \`\${NAME.FIELD}\`) stands for one in every text of the target.`,
      }),
    name: nonEmpty.optional().meta({
      description: `With a matrix: the name of each of its targets, such as \`api-\${flavor}\`.`,
    }),
  })
  .meta({ description: 'One image that is published. One whose name begins with `_` is only inherited from.' });

const writtenSources = sourcesSchema(targetSchema.shape);

/** fanfold.yaml as it is written. */
export const familySchema = z
  .strictObject({
    ...shared,
    staging: nonEmpty.optional().meta({
      description:
        'The repository (or `oci:PATH`) that holds every built leg, for all targets. Default: `-staging` added to each target’s repository at its first destination.',
    }),
    shared: sharedSchema.optional(),
    ignore: ignoreSchema.optional(),
    github: githubSchema.optional(),
    gitlab: gitlabSchema.optional(),
    sets: z
      .record(targetName, z.union([nonEmpty, strings.min(1, { error: 'name at least one target' })]))
      .optional()
      .meta({
        description:
          'Sets of targets whose tags move together or not at all: a name, and globs of targets’ names. A target is in one set at the most.',
      }),
    'refresh-budget': refreshBudgetSchema.optional(),
    sources: writtenSources
      .optional()
      .meta({ description: 'Families that are described elsewhere, read in place: matrix, Bake and Compose files.' }),
    targets: z
      .record(targetName, targetSchema)
      .meta({ description: 'The images, by name. May be left out where there are sources.' }),
  })
  .meta({
    title: 'fanfold.yaml',
    description:
      'A family of container images. Fields beside `targets`, `staging`, `sources`, `shared`, `ignore`, `sets`, `refresh-budget`, `github` and `gitlab` are every target’s defaults.',
  });

/** A target as it is written. */
export type WrittenTarget = z.infer<typeof targetSchema>;
/** A family as it is written. */
export type WrittenFamily = z.infer<typeof familySchema>;

/** A source as it is written. */
export type WrittenSource = NonNullable<WrittenFamily['sources']>[number];

/** The sources among `data` that have the right form, each with its place in the list. */
export function readableSources(data: unknown): readonly { readonly index: number; readonly source: WrittenSource }[] {
  const sources: unknown = Object(data).sources;
  return (Array.isArray(sources) ? sources : []).flatMap((written: unknown, index) => {
    const list: unknown = [written];
    const [source] = fits(writtenSources, list) ? list : (writtenSources.safeParse(list).data ?? []);
    return source === undefined ? [] : [{ index, source }];
  });
}

/** The JSON Schema (draft 2020-12) of fanfold.yaml. */
export function familyJsonSchema(): Readonly<Record<string, unknown>> {
  const { required: _, ...schema } = z.toJSONSchema(familySchema, { io: 'input', target: 'draft-2020-12' });
  return { ...schema, anyOf: [{ required: ['targets'] }, { required: ['sources'] }] };
}
