/** The part of the schema that reads families which are described elsewhere: matrix, Bake and Compose files. */
import * as z from 'zod';

const text = z.union([z.string(), z.number(), z.boolean()]);
const nonEmpty = z.string().min(1, { error: 'this is empty' });
const choices = z.union([text, z.array(text).min(1, { error: 'name at least one value' })]);

/** What stands in `each` beside a target's own fields. */
const eachOwn = {
  name: nonEmpty.optional().meta({
    description: 'The target’s name. Default: the image and the suffix; entries that share both become one target.',
  }),
  suffix: z.string().optional().meta({ description: 'Added to every tag: `suffix=...,onlatest=true` of the flavor.' }),
  latest: text.optional().meta({ description: '`latest=` of the flavor: `auto`, `true` or `false`.' }),
};

/** `sources`, given the fields of a target. */
export function sourcesSchema<T extends z.ZodRawShape & { readonly cache: z.ZodType }>(target: T) {
  const { inherits: _, matrix: __, name: ___, platforms: ____, cache, ...fields } = target;
  const platforms = z.union([nonEmpty, z.array(nonEmpty).min(1)]).optional();
  const each = z
    .strictObject({
      ...fields,
      platforms: platforms.meta({ description: 'A list, or text with commas between platforms.' }),
      // What an entry makes of it is judged with its target.
      cache: z.union([cache, z.string().regex(/[{}]/)]).optional(),
      ...eachOwn,
    })
    .meta({
      id: 'each',
      description:
        'The target that each entry makes: a target’s fields, in which `{field}` stands for the entry’s, `{field|default}` has a default, and `{field?}` leaves out what it stands in where the entry has none.',
    });
  const matrix = z.strictObject({
    matrix: nonEmpty.meta({ description: 'A YAML or JSON file with a list of entries, such as a GitHub matrix.' }),
    list: nonEmpty.optional().meta({ description: 'Where the list is, keys with dots between. Default: `include`.' }),
    each,
    when: z
      .record(nonEmpty, choices)
      .optional()
      .meta({ description: 'Only entries whose fields have these values (or one of a list).' }),
    skip: z
      .record(nonEmpty, choices)
      .optional()
      .meta({ description: 'Not the entries of which one of these fields has that value (or one of a list).' }),
  });
  const bake = z.strictObject({
    bake: nonEmpty.meta({
      description:
        'A Bake file, read by `docker buildx bake --print`; one that ends in `.json` is what that printed, saved. Its paths are relative to the folder of fanfold.yaml.',
    }),
    each: each.optional(),
  });
  const compose = z.strictObject({
    compose: nonEmpty.meta({ description: 'A Compose file: its services with a `build`. Paths are relative to it.' }),
    each: each.optional(),
  });
  return z.array(z.union([matrix, bake, compose])).min(1, { error: 'name at least one source' });
}

/** The fields that can stand in a source, and in its `each` beside a target's. */
export const sourceKeys = {
  source: ['matrix', 'list', 'each', 'when', 'skip', 'bake', 'compose'],
  each: Object.keys(eachOwn),
} as const;

/** Whether scalars at `path`, from the source on, are text however YAML would read them. */
export function isSourceTextPath([part, field, ...rest]: readonly (string | number)[]): boolean {
  if (part === 'when' || part === 'skip') return true;
  if (part !== 'each') return false;
  if (field === 'latest' || field === 'suffix') return true;
  return (field === 'args' || field === 'labels' || field === 'annotations') && rest.length === 1;
}
