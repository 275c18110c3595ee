/** fanfold.yaml to a Family, or to all of its mistakes at once. */
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { buildTarget } from './build-target.ts';
import { findCollisions } from './collisions.ts';
import { expandTargets } from './expand.ts';
import { readYamlFast } from './fast-yaml.ts';
import { fits } from './fits.ts';
import { githubSetting } from './github.ts';
import { gitlabSetting } from './gitlab-schema.ts';
import { familyRules, withoutRules } from './input-rules.ts';
import { diagnoseIssues } from './issues.ts';
import type { Family } from './model.ts';
import { holdsAnyway, isTrusted, withoutWrong } from './recover.ts';
import { checkReferences } from './references.ts';
import { familySchema, type WrittenFamily } from './schema.ts';
import { tagSets } from './sets.ts';
import { mistake, nodeAt, placeOfKey, toData } from './source.ts';
import { hostSourceReader, type SourceReader } from './source-reader.ts';
import { readSources, type SourcedTarget } from './sources.ts';
import { targetContext } from './target-context.ts';
import { isTextPath } from './written-keys.ts';
import type { YamlSource } from './yaml.ts';

/** What reading a family came to. Without an error among the diagnostics there is a family. */
export interface LoadedFamily {
  readonly family?: Family;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
  /** What was made of other files (`sources`), as targets would be written. */
  readonly sourced?: readonly SourcedTarget[];
}

const fileName = 'fanfold.yaml';
const maxBytes = 4 * 1024 * 1024;
const maxTargets = 10_000;

/**
 * Reads the family of `path` (a file or its folder); without one, of the fanfold.yaml in the host's folder or the nearest above it.
 * All mistakes are returned, each with file, line and column; nothing is thrown for what stands in a file.
 */
export async function loadFamily(
  path: string | undefined,
  host: Pick<Host, 'files' | 'cwd'> & Partial<Pick<Host, 'exec'>>,
  cancel: Cancel = {},
): Promise<LoadedFamily> {
  const file = await findConfiguration(path, host);
  if (file === undefined) return notFound(path, host.cwd);
  try {
    return await readFamily(
      await readConfigurationText(file, host),
      file,
      hostSourceReader(dirname(file), host),
      cancel,
    );
  } catch (error) {
    if (!isFanfoldError(error)) throw error;
    const { message, hint } = error;
    return {
      diagnostics: [
        {
          code: 'config.invalid',
          severity: 'error',
          message,
          place: { file },
          ...(hint === undefined ? {} : { hint }),
        },
      ],
    };
  }
}

/** The family that `text` describes, as if it were read from `file` (absolute); what it reads in place comes from `reader`. */
export async function readFamily(
  text: string,
  file: string,
  reader: SourceReader,
  cancel: Cancel = {},
): Promise<LoadedFamily> {
  const source = readYamlFast(text, file);
  // What comes after a mistake of syntax may have been misread.
  if (source.brokenAt !== undefined || !hasSources(source)) return familyOf(source);
  const { source: whole, targets, diagnostics, files } = await readSources(source, reader, cancel);
  const isWhole = !diagnostics.some(({ severity }) => severity === 'error');
  const loaded = familyOf(whole, diagnostics, ({ code }) => isWhole || code !== 'config.reference');
  return { ...loaded, ...withFiles(loaded.family, files), sourced: targets };
}

function withFiles(family: Family | undefined, files: readonly string[]): Pick<LoadedFamily, 'family'> {
  return family === undefined ? {} : { family: { ...family, sources: files } };
}

/** The family that `text` describes, as if it were read from `file` (absolute). It has no `sources`. */
export function parseFamily(text: string, file: string): LoadedFamily {
  const source = readYamlFast(text, file);
  if (!hasSources(source)) return familyOf(source);
  const message = 'sources cannot be read here: there is nothing to read files from';
  return familyOf(source, [mistake('config.invalid', placeOfKey(source, ['sources']), message)]);
}

function hasSources({ root }: YamlSource): boolean {
  return nodeAt(root, ['sources']) !== undefined;
}

function familyOf(
  source: YamlSource,
  before: readonly Diagnostic[] = [],
  holds: (diagnostic: Diagnostic) => boolean = () => true,
): LoadedFamily {
  const { family, diagnostics } = readSource(source);
  const trusted = diagnostics.filter((diagnostic) => holds(diagnostic) && isTrusted(diagnostic, source));
  const all = inOrder([...source.diagnostics, ...before, ...trusted], source.file);
  const failed = all.some(({ severity }) => severity === 'error');
  return { diagnostics: all, ...(failed || family === undefined ? {} : { family }) };
}

function readSource(source: YamlSource): LoadedFamily {
  if (source.root === undefined) return { diagnostics: [] };
  const data = toData(source.root, isTextPath);
  if (fits(familySchema, data)) return buildFamily(data, source);
  const parsed = familySchema.safeParse(data);
  if (parsed.success) return buildFamily(parsed.data, source);
  const { issues } = parsed.error;
  const rest = familySchema.safeParse(withoutWrong(data, issues));
  const inRest = rest.success ? buildFamily(rest.data, source).diagnostics : [];
  return { diagnostics: [...diagnoseIssues(issues, source), ...inRest.filter((found) => holdsAnyway(found, issues))] };
}

function buildFamily(written: WrittenFamily, source: YamlSource): LoadedFamily {
  const root = dirname(source.file);
  const { github: writtenGithub, gitlab: writtenGitlab, sets: writtenSets, ...others } = written;
  const { 'refresh-budget': refreshBudget, ...rest } = others;
  const { targets: expanded, diagnostics: inExpansion } = expandTargets(withoutRules(rest), source);
  const diagnostics = [...inExpansion];
  if (expanded.length > maxTargets) {
    const message = `the family has more than ${maxTargets} targets`;
    return { diagnostics: [...diagnostics, mistake('config.invalid', placeOfKey(source, ['targets']), message)] };
  }
  const context = targetContext(source, root, written.staging);
  const targets = expanded.flatMap((target) => buildTarget(target, context, diagnostics) ?? []);
  diagnostics.push(...checkReferences(targets, expanded, source), ...findCollisions(targets));
  const rules = familyRules(written, source, diagnostics);
  const github =
    writtenGithub === undefined ? {} : { github: githubSetting(writtenGithub, targets, source, diagnostics) };
  const gitlab = writtenGitlab === undefined ? {} : { gitlab: gitlabSetting(writtenGitlab) };
  const sets = writtenSets === undefined ? {} : { sets: tagSets(writtenSets, targets, source, diagnostics) };
  const own = { ...github, ...gitlab, ...sets, ...optional('refreshBudget', refreshBudget) };
  return { family: { file: source.file, root, targets, ...own, ...rules }, diagnostics };
}

/** In the order of the file (then of each other one), each once: a mistake at the top would else be told for every target. */
function inOrder(diagnostics: readonly Diagnostic[], file: string): readonly Diagnostic[] {
  const once = new Map(
    diagnostics.map((found) => [
      `${found.place.file} ${found.place.line}:${found.place.column} ${found.message}`,
      found,
    ]),
  );
  const files = [...new Set([file, ...[...once.values()].map(({ place }) => place.file ?? file)])];
  const order = ({ place }: Diagnostic): number =>
    files.indexOf(place.file ?? file) * 10_000_000_000 + (place.line ?? 0) * 10_000 + Math.min(place.column ?? 0, 9999);
  return [...once.values()].sort((a, b) => order(a) - order(b));
}

/** The text of a configuration. @throws FanfoldError `host.file` or `host.too-large` */
export async function readConfigurationText(file: string, { files }: Pick<Host, 'files'>): Promise<string> {
  return await files.readText(file, maxBytes);
}

/** The configuration that `path` names (a file or its folder); without one, the nearest in the host's folder or above it. */
export async function findConfiguration(
  path: string | undefined,
  { files, cwd }: Pick<Host, 'files' | 'cwd'>,
): Promise<string | undefined> {
  if (path !== undefined) {
    const whole = resolve(cwd, path);
    const file = (await files.kindOf(whole)) === 'folder' ? join(whole, fileName) : whole;
    return (await files.kindOf(file)) === undefined ? undefined : file;
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const kind = await files.kindOf(join(folder, fileName));
    if (kind === 'file' || kind === 'link') return join(folder, fileName);
    if (folder === dirname(folder)) return undefined;
  }
}

function notFound(path: string | undefined, cwd: string): LoadedFamily {
  const message =
    path === undefined ? `there is no ${fileName} in ${cwd} or above it` : `there is no configuration at ${path}`;
  const hint = `write ${fileName} in the root of the repository, or say where it is with --file`;
  return {
    diagnostics: [
      { code: 'config.not-found', severity: 'error', message, place: { file: resolve(cwd, path ?? fileName) }, hint },
    ],
  };
}
