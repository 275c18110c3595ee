/** fanfold.yaml to a Family, or to all of its mistakes at once. */
import { dirname, join, resolve } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import type { Host } from '../../base/host/host.ts';
import { buildTarget } from './build-target.ts';
import { findCollisions } from './collisions.ts';
import { expandTargets } from './expand.ts';
import { familyRules, withoutRules } from './input-rules.ts';
import { diagnoseIssues } from './issues.ts';
import type { LocationContext } from './locations.ts';
import type { Family } from './model.ts';
import { holdsAnyway, isTrusted, withoutWrong } from './recover.ts';
import { checkReferences } from './references.ts';
import { familySchema, isTextPath, type WrittenFamily } from './schema.ts';
import { mistake, placeOfKey, toData } from './source.ts';
import { readYaml, type YamlSource } from './yaml.ts';

/** What reading a family came to. Without an error among the diagnostics there is a family. */
export interface LoadedFamily {
  readonly family?: Family;
  /** In the order of the file. */
  readonly diagnostics: readonly Diagnostic[];
}

const fileName = 'fanfold.yaml';
const maxBytes = 4 * 1024 * 1024;
const maxTargets = 10_000;

/**
 * Reads the family of `path` (a file or its folder); without one, of the fanfold.yaml in the host's folder or the nearest above it.
 * All mistakes are returned, each with file, line and column; nothing is thrown for what stands in a file.
 */
export async function loadFamily(path: string | undefined, host: Pick<Host, 'files' | 'cwd'>): Promise<LoadedFamily> {
  const file = await findFile(path, host);
  if (file === undefined) return notFound(path, host.cwd);
  try {
    return parseFamily(await host.files.readText(file, maxBytes), file);
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

/** The family that `text` describes, as if it were read from `file` (absolute). */
export function parseFamily(text: string, file: string): LoadedFamily {
  const source = readYaml(text, file);
  const { family, diagnostics } = readSource(source);
  const trusted = diagnostics.filter((diagnostic) => isTrusted(diagnostic, source));
  const all = inOrder([...source.diagnostics, ...trusted]);
  const failed = all.some(({ severity }) => severity === 'error');
  return { diagnostics: all, ...(failed || family === undefined ? {} : { family }) };
}

function readSource(source: YamlSource): LoadedFamily {
  if (source.root === undefined) return { diagnostics: [] };
  const data = toData(source.root, isTextPath);
  const parsed = familySchema.safeParse(data);
  if (parsed.success) return buildFamily(parsed.data, source);
  const { issues } = parsed.error;
  const rest = familySchema.safeParse(withoutWrong(data, issues));
  const inRest = rest.success ? buildFamily(rest.data, source).diagnostics : [];
  return { diagnostics: [...diagnoseIssues(issues, source), ...inRest.filter((found) => holdsAnyway(found, issues))] };
}

function buildFamily(written: WrittenFamily, source: YamlSource): LoadedFamily {
  const root = dirname(source.file);
  const { targets: expanded, diagnostics: inExpansion } = expandTargets(withoutRules(written), source);
  const diagnostics = [...inExpansion];
  if (expanded.length > maxTargets) {
    const message = `the family has more than ${maxTargets} targets`;
    return { diagnostics: [...diagnostics, mistake('config.invalid', placeOfKey(source, ['targets']), message)] };
  }
  const context: LocationContext = { source, root, staging: written.staging };
  const targets = expanded.flatMap((target) => buildTarget(target, context, diagnostics) ?? []);
  diagnostics.push(...checkReferences(targets, expanded, source), ...findCollisions(targets));
  const rules = familyRules(written, source, diagnostics);
  return { family: { file: source.file, root, targets, ...rules }, diagnostics };
}

/** In the order of the file, each once: a mistake at the top would else be told for every target. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const once = new Map(
    diagnostics.map((found) => [`${found.place.line}:${found.place.column} ${found.message}`, found]),
  );
  const order = ({ place }: Diagnostic): number => (place.line ?? 0) * 10_000 + Math.min(place.column ?? 0, 9999);
  return [...once.values()].sort((a, b) => order(a) - order(b));
}

async function findFile(
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
