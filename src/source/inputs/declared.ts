/** The files that a target says it reads: its `inputs`, resolved. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { InputRule } from '../project/model.ts';
import { beginsWithAll, globVerdict, lastVerdict, type Verdict } from './globs.ts';
import type { Resolution, Resolver, ResolverContext, TakenPath } from './resolvers/resolver.ts';

/** Files that are declared. */
export interface DeclaredFiles {
  /** Whether the file at a path from the family's root is one. */
  readonly admits: (path: string) => boolean;
  /** What resolvers could not decide, in words: then everything is declared. */
  readonly undecided: readonly string[];
  /** Files that count as others, by path from the family's root: what the key takes as their content. */
  readonly standIns: ReadonlyMap<string, string>;
  /** Why a file that could have counted as another counts as itself, in words. */
  readonly notes: readonly string[];
}

/** Resolves a target's rules. */
export type Declarer = (rules: readonly InputRule[], cancel: Cancel) => Promise<DeclaredFiles>;

/** A declarer for one run: each rule is resolved once. */
export function createDeclarer(context: ResolverContext): Declarer {
  const resolutions = new Map<string, Promise<Resolution>>();
  const declared = new Map<string, Promise<DeclaredFiles>>();
  const resolve = (rule: InputRule, cancel: Cancel): Promise<Resolution> => {
    const identity = JSON.stringify(rule);
    const made = resolutions.get(identity) ?? resolveRule(rule, context, cancel);
    resolutions.set(identity, made);
    return made;
  };
  return (rules, cancel) => {
    const identity = JSON.stringify(rules);
    const made = declared.get(identity) ?? declare(rules, resolve, context, cancel);
    declared.set(identity, made);
    return made;
  };
}

async function declare(
  rules: readonly InputRule[],
  resolve: (rule: InputRule, cancel: Cancel) => Promise<Resolution>,
  context: ResolverContext,
  cancel: Cancel,
): Promise<DeclaredFiles> {
  const verdicts: Verdict[] = [];
  const undecided: string[] = [];
  for (const rule of rules) {
    if (rule.kind === 'glob') {
      verdicts.push(globVerdict(rule));
      continue;
    }
    const found = await resolve(rule, cancel);
    if (found.kind === 'undecided') undecided.push(found.reason);
    else verdicts.push(takenVerdict(found.paths));
  }
  const stand = await standInsOf(rules, context, cancel);
  if (undecided.length > 0) return { admits: () => true, undecided, ...stand };
  return { admits: lastVerdict(verdicts, beginsWithAll(rules)), undecided, ...stand };
}

async function standInsOf(
  rules: readonly InputRule[],
  context: ResolverContext,
  cancel: Cancel,
): Promise<Pick<DeclaredFiles, 'standIns' | 'notes'>> {
  const standIns = new Map<string, string>();
  const notes: string[] = [];
  for (const rule of rules) {
    if (rule.kind !== 'protobuf') continue;
    const { baselineOf } = await import('./protobuf-baseline.ts');
    const found = await baselineOf(rule, context.tree, cancel);
    if (found.kind === 'baseline') standIns.set(rule.file, found.id);
    else notes.push(found.reason);
  }
  return { standIns, notes };
}

function takenVerdict(paths: readonly TakenPath[]): Verdict {
  const at = (reach: TakenPath['reach']): ReadonlySet<string> =>
    new Set(paths.flatMap((taken) => (taken.reach === reach ? [taken.path] : [])));
  const [files, folders, all] = [at('file'), at('folder'), at('all')];
  return (path) => {
    if (files.has(path)) return true;
    const above = foldersAbove(path);
    return folders.has(above[0] ?? '') || above.some((folder) => all.has(folder)) || all.has(path) ? true : undefined;
  };
}

/** The folders that hold a path, the nearest first; '' is the root. */
function foldersAbove(path: string): readonly string[] {
  const found: string[] = [];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) found.push(path.slice(0, end));
  return [...found, ''];
}

async function resolveRule(
  rule: Exclude<InputRule, { readonly kind: 'glob' }> | InputRule,
  context: ResolverContext,
  cancel: Cancel,
): Promise<Resolution> {
  switch (rule.kind) {
    case 'glob':
      return { kind: 'taken', paths: [] };
    case 'protobuf':
      return { kind: 'taken', paths: [{ path: rule.file, reach: 'file' }] };
    case 'command': {
      const { resolveCommand } = await import('./resolvers/command.ts');
      return await resolveCommand(rule.run, context, cancel);
    }
    case 'go':
    case 'npm':
    case 'pnpm':
    case 'cargo': {
      const resolver = await loaders[rule.kind]();
      return await resolver(rule.member, context, cancel);
    }
    default:
      return rule satisfies never;
  }
}

/** Each is loaded where it is asked for. */
const loaders: Readonly<Record<'go' | 'npm' | 'pnpm' | 'cargo', () => Promise<Resolver>>> = {
  go: async () => (await import('./resolvers/go.ts')).resolveGo,
  npm: async () => (await import('./resolvers/npm.ts')).resolveNpm,
  pnpm: async () => (await import('./resolvers/pnpm.ts')).resolvePnpm,
  cargo: async () => (await import('./resolvers/cargo.ts')).resolveCargo,
};
