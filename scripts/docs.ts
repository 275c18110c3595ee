// Writes the reference pages that are made of source (configuration, errors, the action); with --check tells whether they are fresh.

import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { errorCodes } from '../src/base/errors/codes.ts';
import { binfmtImage, buildkitImage } from '../src/ci/pinned-images.ts';
import { familyJsonSchema } from '../src/source/project/schema.ts';
import { ruleForms } from '../src/source/tags/rule.ts';
import { expressionNames } from '../src/source/tags/template.ts';
import { writeOrCheck } from './generated.ts';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
}

await writeOrCheck([
  { path: 'docs/reference/action.md', text: actionPage(await readAction()) },
  { path: 'docs/reference/configuration.md', text: configurationPage(familyJsonSchema()) },
  { path: 'docs/reference/errors.md', text: errorsPage() },
]);

interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string; readonly required?: boolean }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

async function readAction(): Promise<Action> {
  return parse(await readFile(new URL('../action.yml', import.meta.url), 'utf8')) as Action;
}

function actionPage({ inputs, outputs }: Action): string {
  const given = Object.entries(inputs).map(([name, { description, default: otherwise = '', required }]) => {
    const unless = otherwise === '' ? '' : `\`${otherwise}\``;
    return `| \`${name}\`${required === true ? ' (required)' : ''} | ${cell(description)} | ${unless} |`;
  });
  const results = Object.entries(outputs).map(([name, { description }]) => `| \`${name}\` | ${cell(description)} |`);
  return `<!-- Made by scripts/docs.ts from action.yml. -->
# The action

What runs inside a job on GitHub Actions. \`fanfold generate github\` writes the workflow that calls it
([how-to](../how-to/github-actions.md)); this page is for whoever writes one by hand. It is one committed file, needs Node.js 24 of
the runner, and installs nothing.

## Inputs

| input | what it says | default |
|---|---|---|
${given.join('\n')}

## Outputs

| output | what it holds |
|---|---|
${results.join('\n')}

- \`runs-on\` in a matrix's entry is JSON of its own: \`runs-on: \${{ fromJSON(matrix.runs-on) }}\`. \`minutes\` is for \`timeout-minutes\`: long after
  the job should have ended, 60 at the least, 360 at the most.
- GitHub drops an output that holds a masked value. Where a user name is kept as a secret, JSON outputs spell it with an escape; \`fromJSON\` gives it back.

## What a job may do

| what started it | plan | legs | content, publish |
|---|---|---|---|
| a push, a tag, a release, a schedule, by hand, \`repository_dispatch\` | \`publish\` is \`true\` | go to staging and the destinations | as asked |
| \`workflow_run\` | as what started the run before it | | |
| a merge queue, a pull request of the repository's own | \`publish\` is \`false\` | go to staging alone | an error |
| a pull request with \`pull-request: separate\` in fanfold.yaml | \`publish\` is \`false\` | go to \`<staging>-proposed\` alone | an error |
| the same with \`pull-request: build\` in fanfold.yaml, or \`push: false\` | \`publish\` is \`false\` | stay in the runner's temporary folder | an error |
| a pull request from a fork, or by Dependabot | \`publish\` is \`false\`, no credential is used | stay in the runner's temporary folder | an error |
| anything else, such as a comment: anybody may cause it | as a fork's pull request | | |

## Credentials

Each line of \`credentials\` is \`HOST USERNAME PASSWORD\`. Passwords are masked, and known to the action's own process: no program that it runs
inherits them. \`docker\` alone finds the logins, in a configuration folder that ends with the job, for its client reads private bases and staging.

## The log and the summary

- What builders print stands between \`::stop-commands::\` and a random word: the runner obeys nothing in it.
- Mistakes are annotations at their file and line; each leg's lines are folded. Of a failed build these are the Dockerfile's line and, of the step that failed, up to five
  mistakes that its programs told (gcc, clang, rustc, Go, tsc, javac, Python, make, shells): at the repository's own file, found by the end of the path that the build saw. A
  path that could be several files, or is the system's, is left to the log. There is no problem matcher: it would read every line, and take the build's paths for the repository's.
- The summary holds the first failure first, with its last lines; targets, legs with the most that each took of the disk, what was written where, and a
  chart of when. Rows that do not fit within 1 MiB are counted. \`fanfold run --summary FILE\` writes the same.

## The builder

Where a leg needs Buildx, \`BUILDX_BUILDER\` is not set, fanfold.yaml names no builder and the one in use is Docker's own, \`mode: leg\` makes a builder of
\`buildkit-image\` on the host's network (its BuildKit then reaches Fanfold's endpoint) and removes it at its end. A job that is killed cannot; on a self-hosted
machine the same runner's next job removes what it left, told by the builder's name, and touches nobody else's.

An emulator is registered, by \`binfmt-image\`, for a platform that the processor does not run and the kernel has none for, where something runs on it: a RUN that a leg's
build reaches in a stage of that platform, or the leg's tests, also where an earlier job built it. A stage \`FROM --platform=$BUILDPLATFORM\`, a Dockerfile that only arranges
files, and a native platform need none. Nothing is set up where nothing is needed.

Both images run with rights over the machine, so both are pinned to a digest, in \`src/ci/pinned-images.ts\`; Renovate proposes newer ones (\`.github/renovate.json\`):

    ${buildkitImage}
    ${binfmtImage}

An image of your own (a mirror's, say) should carry its digest, too: \`mirror.example/moby/buildkit:v1.2.3@sha256:...\`. The log says so where it does not.
`;
}

function configurationPage(family: Schema): string {
  const target = family.properties?.['targets']?.additionalProperties;
  if (typeof target !== 'object') throw new Error('the schema has no targets');
  const shared = Object.keys(family.properties ?? {}).filter((name) => Object.hasOwn(target.properties ?? {}, name));
  return `<!-- Made by scripts/docs.ts from src/source/project/schema.ts. -->
# fanfold.yaml

This page names every field of \`fanfold.yaml\`. An editor that knows JSON Schema checks the file as it is written:
\`# yaml-language-server: $schema=node_modules/fanfold/schema/fanfold.schema.json\`.

    destinations: [ghcr.io/acme, docker.io/acme]
    platforms: [linux/amd64, linux/arm64]
    tags: |
      type=ref,event=branch
      type=semver,pattern={{version}}
    targets:
      api: { context: api }
      worker: { dockerfile: worker/Dockerfile, args: { FLAVOR: slim } }

- All paths are relative to the folder of \`fanfold.yaml\` and stay inside of it; only \`oci:PATH\` may lead out.
- An unknown field is a mistake. All mistakes are told at once, each with its line and column.
- A field that stands at the top and in a target: the target's holds. \`args\`, \`labels\`, \`annotations\`, \`contexts\` and
  \`attestations\` are joined entry by entry; every other field is replaced as a whole.
- What is nearer wins: the target, then what it \`inherits\` (a later one before an earlier one), then the top.
- In a target with a \`matrix\`, \`\${NAME}\` in any text stands for the combination's value (\`\${NAME.FIELD}\` where values are maps);
  \`$\${\` is \`\${\` itself.
- YAML's anchors, aliases and merge keys (\`<<\`) may be used.

## At the top
${fieldTable(family)}
## In a target
${fieldTable(target, shared)}
These also stand in a target, for it alone: ${shared.map((name) => `\`${name}\``).join(', ')}.

${nested(family, target)}${templates(family, target)}${tagRules()}`;
}

function fieldTable({ properties = {}, required = [] }: Schema, without: readonly string[] = []): string {
  const rows = Object.entries(properties)
    .filter(([name]) => !without.includes(name))
    .map(
      ([name, field]) =>
        `| \`${name}\`${required.includes(name) ? ' (required)' : ''} | ${name === 'targets' ? 'map of targets' : cell(typeOf(field))} | ${cell(field.description ?? '')} |`,
    );
  return ['', '| field | type | what it says |', '|---|---|---|', ...rows, ''].join('\n');
}

/** Fields whose values are maps with fields of their own. */
function nested(family: Schema, target: Schema): string {
  const all = { ...family.properties, ...target.properties };
  return Object.entries(all)
    .filter(([name]) => name !== 'targets')
    .flatMap(([name, field]) => mapsIn(field).map((map) => `## ${name}: ${typeOf(map)}\n${fieldTable(map)}\n`))
    .join('');
}

/** `each` of a source: what it has beside a target's own fields. */
function templates({ $defs = {} }: Schema, target: Schema): string {
  const each = $defs['each'] ?? {};
  const others = Object.keys(target.properties ?? {}).filter((name) => !['name', 'platforms'].includes(name));
  return `## each: a target as a template\n\n${each.description ?? ''}\n${fieldTable(each, others)}\n`;
}

function mapsIn(field: Schema): readonly Schema[] {
  if (field.properties !== undefined) {
    const inner = Object.values(field.properties).flatMap(mapsIn);
    return [field, ...inner];
  }
  const all = [...(field.anyOf ?? []), ...(field.items === undefined ? [] : [field.items])].flatMap(mapsIn);
  return [...new Map(all.map((map) => [JSON.stringify(map), map])).values()];
}

function typeOf(field: Schema): string {
  if (field.$ref !== undefined) return 'a target as a template';
  if (field.const !== undefined) return `\`${String(field.const)}\``;
  if (field.enum !== undefined) return field.enum.map((value) => `\`${String(value)}\``).join(' or ');
  if (field.anyOf !== undefined) return [...new Set(field.anyOf.map(typeOf))].join(' or ');
  if (field.type === 'array') return `list of ${field.items === undefined ? 'anything' : typeOf(field.items)}`;
  if (field.properties !== undefined) return `{${Object.keys(field.properties).join(', ')}}`;
  if (field.type === 'object')
    return `map of ${typeof field.additionalProperties === 'object' ? typeOf(field.additionalProperties) : 'text'}`;
  return { string: 'text', boolean: '`true` or `false`', number: 'number' }[field.type ?? ''] ?? 'text';
}

function tagRules(): string {
  const rows = Object.entries(ruleForms).map(([type, { attributes, defaults, priority }]) => {
    const own = attributes.map(
      (name) => `\`${name}\`${(defaults[name] ?? '') === '' ? '' : ` (default \`${defaults[name]}\`)`}`,
    );
    return `| \`${type}\` | ${priority} | ${own.join(', ')} |`;
  });
  const names = (kind: keyof typeof expressionNames): string =>
    expressionNames[kind].map((name) => `\`{{${name}}}\``).join(', ');
  return `## Tag rules

One rule to a line, in docker/metadata-action's syntax, with its results: \`type=TYPE,ATTRIBUTE=VALUE,...\`. A field with a comma in it stands
in double quotes (\`"pattern=\\d{1,3}"\`); a line that begins with \`#\` is a comment; a line that is no more than a name is that name.

| type | priority | attributes |
|---|---|---|
${rows.join('\n')}

All take \`enable\` (default \`true\`), \`priority\`, \`prefix\` and \`suffix\` (default: the flavor's; \`sha-\` for sha, \`pr-\` for pull requests).

- In \`value\`, \`prefix\`, \`suffix\` and \`enable\` stand ${names('event')}.
- In the \`pattern\` of semver and pep440 stand ${names('version')}; in that of schedule ${names('schedule')}.
- A date is \`{{date 'YYYYMMDD-HHmm' tz='Europe/Berlin'}}\`, in moment's letters (all but eras and zones by name).
- A pre-release gives only its whole version, and never \`latest\` by \`latest=auto\`.
- A tag moves, unless it names one thing for good: a Git tag (\`type=ref,event=tag\`), a commit (\`type=sha\`, or \`{{sha}}\` in it), a whole version
  (\`{{version}}\`, \`{{raw}}\`, major, minor and patch together, any pre-release, a match of a whole version). An immutable tag is never put on
  other content.
- No two targets may be given the same tag of the same image.
`;
}

function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, sentence]) => `| \`${code}\` | ${cell(sentence)} | ${/^(usage|config)\./.test(code) ? 2 : 1} |`,
  );
  return `<!-- Made by scripts/docs.ts from src/base/errors/codes.ts. -->
# Errors

This page names every error by its stable code, and the exit status of a command that it ends.

| code | what happened | status |
|---|---|---|
${rows.join('\n')}
`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
