/** The commands by name; each is imported only when it runs, or when help or completion speaks of it. */
import type { Command, Options } from './command.ts';

/** A command whose option types are known to itself alone. */
export type AnyCommand = Command<Options, unknown>;

const loaders: Readonly<Record<string, () => Promise<{ readonly command: unknown }>>> = {
  check: () => import('./commands/check.ts'),
  plan: () => import('./commands/plan.ts'),
  explain: () => import('./commands/explain.ts'),
  build: () => import('./commands/build.ts'),
  publish: () => import('./commands/publish.ts'),
  run: () => import('./commands/run.ts'),
  inspect: () => import('./commands/inspect.ts'),
  verify: () => import('./commands/verify.ts'),
  audit: () => import('./commands/audit.ts'),
  copy: () => import('./commands/copy.ts'),
  tee: () => import('./commands/tee.ts'),
  generate: () => import('./commands/generate.ts'),
  prepare: () => import('./commands/prepare.ts'),
  import: () => import('./commands/import.ts'),
};

/** In the order of the help. */
export const commandNames: readonly string[] = Object.keys(loaders);

/** One command, imported; undefined where there is none of that name. */
export async function loadCommand(name: string): Promise<AnyCommand | undefined> {
  if (!Object.hasOwn(loaders, name)) return undefined;
  const module = await loaders[name]?.();
  return module?.command as AnyCommand | undefined;
}
