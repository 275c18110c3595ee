/** What of fanfold.yaml says which files count: `inputs`, `shared`, `ignore`, `refresh` and `volatile`, as they are written. */
import * as z from 'zod';

const nonEmpty = z.string().min(1, { error: 'this is empty' });
const globs = z.array(nonEmpty).min(1, { error: 'name at least one path' });

const argument = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'an argument is named with letters, digits and _' });
const volatileName = z
  .string()
  .regex(/^(?:label:.+|[A-Za-z_][A-Za-z0-9_]*)$/, { error: 'name an argument (letters, digits and _), or label:NAME' });

const resolver = z
  .strictObject({
    go: nonEmpty
      .optional()
      .meta({ description: 'A main package’s folder: the packages of its module that it imports count.' }),
    npm: nonEmpty.optional().meta({ description: 'A member of an npm (or Yarn) workspace, by its folder.' }),
    pnpm: nonEmpty.optional().meta({ description: 'A member of a pnpm workspace, by its folder.' }),
    cargo: nonEmpty.optional().meta({ description: 'A member of a Cargo workspace, by its folder or name.' }),
    command: z
      .array(nonEmpty)
      .min(1, { error: 'a command needs at least the program' })
      .optional()
      .meta({ description: 'An argument list, run in the family’s folder: it prints a path to each line.' }),
    protobuf: nonEmpty.optional().meta({
      description:
        'A .proto file that counts as its `baseline` while it only adds to that: a new field, message, enum value or method builds nothing.',
    }),
    baseline: nonEmpty.optional().meta({ description: 'The committed .proto file that `protobuf` is compared with.' }),
  })
  .refine(({ baseline, ...written }) => Object.keys(written).length <= 1, {
    error: 'a resolver is one of go, npm, pnpm, cargo, command and protobuf',
  })
  .refine(({ protobuf, baseline }) => (protobuf === undefined) === (baseline === undefined), {
    error: 'protobuf and baseline stand together: {protobuf: api.proto, baseline: api.baseline.proto}',
  });

const inputRule = z.union([nonEmpty, resolver]);

/** `inputs` of a target. */
export const inputsSchema = z.union([inputRule, z.array(inputRule).min(1, { error: 'name at least one path' })]).meta({
  description:
    'What a target reads where its Dockerfile copies a folder: globs (`!` takes out; the last one that matches decides) and resolvers, `{go: ./cmd/x}`, `{npm: packages/x}`, `{pnpm: ...}`, `{cargo: ...}`, `{command: [...]}`, `{protobuf: PATH, baseline: PATH}`. The build is given these files alone.',
});

/** `refresh` of a target. */
export const refreshSchema = z.enum(['daily', 'weekly', 'monthly', 'never']).meta({
  description:
    'Build again each day, week or month though nothing changed. Each target has its own hour, so that a family is not built all at once. A target that fetches what no key holds (`ADD` of a URL without a checksum, Git by a branch) is built in every run unless this is given; `never`: only where something else changed.',
});

/** `refresh-budget` of a family. */
export const refreshBudgetSchema = z.int().min(1).meta({
  description:
    'Legs that one plan builds at the most because nothing but their refresh is due; a target that waited longest comes first, and none waits longer than one period more. Default: no bound.',
});

/** `volatile` of a target. */
export const volatileSchema = z
  .union([
    z.array(volatileName),
    z.strictObject({
      args: z.array(argument).optional().meta({ description: 'Build arguments.' }),
      labels: z.array(nonEmpty).optional().meta({ description: 'Labels.' }),
      except: z.literal('tags').optional().meta({ description: '`tags`: on a Git tag they count like any other.' }),
    }),
  ])
  .meta({
    description:
      'Build arguments, and labels as `label:NAME`, that stay out of the key: a leg that is reused keeps those that it was built with. Or `{args, labels, except: tags}`.',
  });

/** `shared` of a family. */
export const sharedSchema = z
  .array(
    z.strictObject({
      paths: globs.meta({ description: 'Globs; `!` takes out, and the last one that matches decides.' }),
      targets: globs.optional().meta({ description: 'Globs of targets’ names. Default: all.' }),
    }),
  )
  .meta({
    description: 'Files that decide targets though no Dockerfile shows it: they enter the keys of those targets.',
  });

/** `ignore` of a family. */
export const ignoreSchema = z.array(nonEmpty).meta({
  description:
    'Files that never matter, as globs, for `fanfold check --coverage` alone: one that a Dockerfile takes counts all the same.',
});

/** The keys that can stand in the maps of this file, by the key that holds them. */
export const inputKeys: Readonly<Record<string, readonly string[]>> = {
  inputs: ['go', 'npm', 'pnpm', 'cargo', 'command', 'protobuf', 'baseline'],
  shared: ['paths', 'targets'],
  volatile: ['args', 'labels', 'except'],
};
