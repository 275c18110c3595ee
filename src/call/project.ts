/** What every call on a family begins with: configuration, selection, event, tags, keys, plan. */
import { dirname } from 'node:path';
import picomatch from 'picomatch';
import { throwIfErrors } from '../base/errors/diagnostic.ts';
import { FanfoldError } from '../base/errors/error.ts';
import { nearestName } from '../base/errors/nearest.ts';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { optional } from '../content/oci/descriptor.ts';
import type { Comparison } from '../plan/changed.ts';
import type { Places } from '../plan/key-difference.ts';
import type { Plan, PlanRequest, UnkeyedLeg } from '../plan/planned.ts';
import { describeDiagnostic } from '../report/diagnostics.ts';
import type { Style } from '../report/style.ts';
import type { Head } from '../source/git/head.ts';
import type { KeyOptions } from '../source/inputs/key-legs.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Moment } from '../source/inputs/moment.ts';
import type { Family, Leg, Target } from '../source/project/model.ts';
import type { GitEvent } from '../source/tags/event.ts';
import type { ResolvedTag } from '../source/tags/resolve.ts';
import { readEvent } from './event.ts';
import { readMoment } from './moment.ts';
import { type OpenAll, openAll } from './open.ts';

/** What every call on a family is told. */
export interface ProjectValues {
  /** The configuration; fanfold.yaml here or in a folder above, where absent. */
  readonly file: string | undefined;
  /** Globs of targets that alone are taken, with what they build on; all where there are none. */
  readonly only: readonly string[];
  /** Globs of targets that are left out. */
  readonly except: readonly string[];
  /** The ref that tags follow from, instead of what CI or Git says. */
  readonly ref: string | undefined;
  /** A moment as JSON, or a file with it. */
  readonly moment: string | undefined;
}

/** What every call that keys legs is told: neither, and staging decides. */
export interface KeyValues {
  readonly worktree: boolean;
  readonly head: boolean;
}

/** A family with what is asked of it. */
export interface Project {
  /** With the selected targets alone. */
  readonly family: Family;
  /** The tags of each selected target, by name. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  /** The same with what they are ordered by. */
  readonly resolved: ReadonlyMap<string, readonly ResolvedTag[]>;
  readonly event: GitEvent;
  /** Whether no target is left out. */
  readonly isWhole: boolean;
  /** The family's first target, selected or not: its staging holds what is the family's own. */
  readonly home: Target;
  /** The commit of the event; empty outside of Git. */
  readonly revision: string;
  /** Whether the event is a Git tag. */
  readonly onTag: boolean;
  /** What the plan of this run resolved, where this call comes after one; now, with nothing resolved, where it does not. */
  readonly moment: Moment;
  /** What is checked out where the family is. */
  readonly head: Promise<Head | undefined>;
  readonly open: OpenAll;
}

/** A plan, and what another job needs to come to the same keys. */
export type ProjectPlan = Plan & { readonly moment: Moment };

/** What a door passes on of its call. */
export interface ProjectCall<V> {
  readonly options: V;
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly output: {
    /** Takes a line for people. */
    readonly note: (line: string) => void;
    readonly style: Style;
  };
}

/** Reads the configuration and the event. @throws DiagnosticsError with every mistake at once */
export async function openProject({
  options,
  host,
  signal,
  output,
}: ProjectCall<ProjectValues & Partial<KeyValues>>): Promise<Project> {
  const { findConfiguration, loadFamily } = await import('../source/project/load.ts');
  const file = await findConfiguration(options.file, host);
  // What Git has to say is on its way while the configuration is read.
  const { beginHead } = await import('../source/git/head.ts');
  const asked = { tree: options.worktree !== undefined, uncommitted: options.worktree === false };
  const head = beginHead(dirname(file ?? host.cwd), asked, host, { signal });
  const { family: whole, diagnostics } = await loadFamily(file ?? options.file, host, { signal });
  throwIfErrors(diagnostics);
  for (const warning of diagnostics) output.note(describeDiagnostic(warning, output.style, () => undefined));
  if (whole === undefined) throw new FanfoldError('config.not-found', 'no fanfold.yaml was found');
  const family = { ...whole, targets: selectTargets(whole.targets, options) };
  const moment = (await readMoment(options.moment, host)) ?? { nowMs: host.clock.now(), bases: new Map() };
  const event = { ...(await readEvent(options.ref, head, host, { signal })), nowMs: moment.nowMs };
  const { resolveTags } = await import('../source/tags/resolve.ts');
  const { tagCollisions } = await import('../source/project/collisions.ts');
  throwIfErrors(tagCollisions(family.targets, event));
  const resolved = family.targets.map((target) => [target.name, resolveTags(target.tags, event)] as const);
  const [home] = whole.targets;
  if (home === undefined) throw new FanfoldError('config.missing', 'the family has no target');
  return {
    family,
    tags: new Map(resolved.map(([name, list]) => [name, list.map((tag) => tag.name)])),
    resolved: new Map(resolved),
    event,
    isWhole: family.targets.length === whole.targets.length,
    home,
    revision: event.sha,
    onTag: event.ref.startsWith('refs/tags/'),
    moment,
    head,
    open: await openAll(host),
  };
}

interface KeyedProject {
  readonly keyed: readonly KeyedLeg[];
  readonly unkeyed: readonly UnkeyedLeg[];
  readonly moment: Moment;
}

/** The legs of a project with their keys. */
export async function keyProject(
  project: Project,
  { options, host, signal }: ProjectCall<KeyValues>,
  more: Pick<KeyOptions, 'bases' | 'only'> = {},
): Promise<KeyedProject> {
  const { keyLegs } = await import('../source/inputs/key-legs.ts');
  const tree = treeOf(project.family, options);
  // Two revisions are compared under one event: what a tag puts back into keys is no change between them.
  const onTag = project.onTag && more.bases === undefined;
  const settings = { tree, head: project.head, open: project.open, onTag, moment: project.moment, ...more };
  const { keyed, failed, moment } = await keyLegs(project.family, settings, host, { signal });
  return { keyed, unkeyed: failed, moment };
}

/** Within the family's `refresh-budget`, where it has one and nobody has said before who waits. */
async function keyToPlan(project: Project, call: ProjectCall<KeyValues>): Promise<KeyedProject> {
  const { refreshBudget: budget } = project.family;
  if (budget === undefined || project.moment.deferred !== undefined) return await keyProject(project, call);
  const { keyWithinBudget } = await import('./refresh-budget.ts');
  const key = (moment: Moment, only?: (leg: Leg) => boolean): Promise<KeyedProject> =>
    keyProject({ ...project, moment }, call, optional('only', only));
  return await keyWithinBudget(project.moment, { budget, key, open: project.open }, call);
}

/** What a run builds whatever staging holds. */
export function anewIn(all: boolean): 'all' | 'moving' {
  return all ? 'all' : 'moving';
}

/** The plan of a project. Nothing is changed. */
export async function planProject(
  project: Project,
  call: ProjectCall<KeyValues>,
  more: Pick<PlanRequest, 'anew' | 'publishedAtOnce' | 'contentAlone'> = {},
): Promise<ProjectPlan> {
  const { makePlan } = await import('../plan/plan.ts');
  const { moment, ...legs } = await (more.anew === 'all' ? keyProject(project, call) : keyToPlan(project, call));
  const { family, tags, open } = project;
  const cancel: Cancel = { signal: call.signal };
  return {
    ...(await makePlan(
      { targets: family.targets, ...optional('sets', family.sets), ...legs, tags, open, ...more },
      cancel,
    )),
    ...optional('deferred', moment.deferred),
    moment,
  };
}

/** What the selected targets' keys are against a revision. No network is asked. */
export async function compareProject(
  project: Project,
  since: string,
  call: ProjectCall<ProjectValues & KeyValues>,
): Promise<Comparison> {
  const { family, moment } = project;
  const { familyBefore, offline } = await import('../plan/since.ts');
  const { compareFamily } = await import('../plan/changed.ts');
  const chosen = new Set(family.targets.map(({ name }) => name));
  const { only, except } = call.options;
  const isWhole = only.length === 0 && except.length === 0;
  const wanted = ({ target }: Leg): boolean => isWhole || chosen.has(target.name);
  const host = { ...call.host, clock: { ...call.host.clock, now: () => moment.nowMs } };
  const before = await familyBefore(family, since, host, wanted, { signal: call.signal });
  const now = await keyProject(project, call, { bases: offline.bases });
  return compareFamily(before, { targets: family.targets, ...now }, await placesOf(family, call));
}

/** Where the settings of a family stand. */
export async function placesOf(family: Family, { host }: ProjectCall<object>): Promise<Places> {
  const { settingPlaces } = await import('../plan/setting-place.ts');
  return { setting: settingPlaces(family, await host.files.readText(family.file, maxConfigurationBytes)) };
}

const maxConfigurationBytes = 4 * 1024 * 1024;

/** Which files a call is about. */
export function treeOf(family: Family, options: KeyValues): 'head' | 'worktree' {
  if (options.worktree && options.head)
    throw new FanfoldError('usage.invalid', '--worktree and --head exclude each other');
  if (options.worktree || options.head) return options.worktree ? 'worktree' : 'head';
  return family.targets.every(({ staging }) => staging.kind === 'layout') ? 'worktree' : 'head';
}

function selectTargets(targets: readonly Target[], options: ProjectValues): readonly Target[] {
  const names = targets.map(({ name }) => name);
  for (const glob of options.only) refuseUnmatched(glob, names);
  const matches = (globs: readonly string[], name: string): boolean =>
    globs.some((glob) => picomatch.isMatch(name, glob, { dot: true }));
  const chosen = targets.filter(
    ({ name }) => (options.only.length === 0 || matches(options.only, name)) && !matches(options.except, name),
  );
  if (chosen.length > 0) return withBases(chosen, targets);
  throw new FanfoldError('usage.invalid', 'no target is left by --only and --except', {
    hint: `targets are ${names.slice(0, 20).join(', ')}`,
  });
}

function refuseUnmatched(glob: string, names: readonly string[]): void {
  if (names.some((name) => picomatch.isMatch(name, glob, { dot: true }))) return;
  const near = nearestName(glob, names);
  throw new FanfoldError('usage.invalid', `--only ${glob} matches no target`, {
    hint: near === undefined ? `targets are ${names.slice(0, 20).join(', ')}` : `did you mean ${near}?`,
  });
}

/** The chosen targets with those that they build on, in the order of the file. */
export function withBases(chosen: readonly Target[], all: readonly Target[]): readonly Target[] {
  const taken = new Set(chosen.map(({ name }) => name));
  for (const name of taken) {
    const contexts = Object.values(all.find((target) => target.name === name)?.contexts ?? {});
    for (const context of contexts) if (context.kind === 'target') taken.add(context.target);
  }
  return all.filter(({ name }) => taken.has(name));
}
