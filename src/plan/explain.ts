/** Why a leg is what it is: each of its inputs with where it comes from. */
import type { Place } from '../base/errors/error.ts';
import type { Json } from '../content/oci/json.ts';
import type { ReachedStage } from '../source/dockerfile/stages.ts';
import type { CopyOrigin } from '../source/dockerfile/step.ts';
import type { BaseImage, InputOrigins, KeyedLeg, Taking } from '../source/inputs/leg-inputs.ts';
import { argumentLine } from './argument-line.ts';
import { directivePlace } from './directive-place.ts';
import { documentOf, type Places } from './key-difference.ts';
import { rulePlace, sharedRule } from './rule-changes.ts';

/** One input. */
export interface ExplainedInput {
  readonly kind: 'dockerfile' | 'setting' | 'argument' | 'base' | 'target' | 'generated' | 'files' | 'undecided';
  readonly name: string;
  readonly value?: string;
  /** The line that decides. */
  readonly place?: Place;
  /** Files that it stands for, from the top of the repository. */
  readonly files?: readonly string[];
}

/** A leg's inputs: what is set, then what the Dockerfile says, then files. */
export function explainLeg(keyed: KeyedLeg, places: Places): readonly ExplainedInput[] {
  const { inputs, leg } = keyed;
  const origins = inputs.origins?.();
  const stages = origins?.stages ?? [];
  return [
    ...settings(keyed, places),
    ...inputs.buildsOn.map((name) => targetInput(name, keyed, places)),
    ...(inputs.origins === undefined ? [] : [dockerfileInput(keyed, stages)]),
    ...argumentInputs(keyed, origins, places),
    ...inputs.bases.map((base) => baseInput(base, keyed, stages, places)),
    ...documentOf(keyed).generated.map((one): ExplainedInput => {
      const place = places.setting(leg.target, ['generated']);
      return { kind: 'generated', name: commandOf(one), place };
    }),
    ...(origins?.takings ?? []).filter(({ by }) => by !== 'undecided').map((taking) => filesInput(taking, keyed)),
    ...sharedInputs(keyed, places),
    ...inputs.undecided.map((name): ExplainedInput => ({ kind: 'undecided', name })),
  ];
}

function settings({ leg, document: _, ...keyed }: KeyedLeg, { setting }: Places): readonly ExplainedInput[] {
  const { target } = leg;
  const { builder, network } = target;
  const named = (name: string, value: string | undefined, field: readonly string[]): readonly ExplainedInput[] =>
    value === undefined ? [] : [{ kind: 'setting', name, value, place: setting(target, field) }];
  const map = (field: 'labels' | 'annotations') =>
    Object.entries(target[field]).flatMap(([name, value]) => named(`${field}.${name}`, value, [field, name]));
  return [
    { kind: 'setting', name: 'key', value: keyed.key },
    ...named('platform', leg.name.slice(target.name.length + 1), ['platforms']),
    ...named('builder', builder?.kind, ['builder']),
    ...named('network', network, ['network']),
    ...map('labels'),
    ...map('annotations'),
    ...target.secret.flatMap((text) => named('secret', text.split(',')[0], ['secret'])),
    ...target.ssh.flatMap((text) => named('ssh', text.split('=')[0], ['ssh'])),
  ];
}

function targetInput(name: string, { leg }: KeyedLeg, { setting }: Places): ExplainedInput {
  const context = Object.entries(leg.target.contexts).find(([, one]) => one.kind === 'target' && one.target === name);
  return { kind: 'target', name, place: setting(leg.target, ['contexts', context?.[0] ?? '']) };
}

function dockerfileInput({ inputs }: KeyedLeg, stages: readonly ReachedStage[]): ExplainedInput {
  const { path } = inputs.dockerfile;
  return {
    kind: 'dockerfile',
    name: path,
    value: reachedText(stages),
    place: { file: path, line: stages[0]?.place.line ?? 1 },
  };
}

/** The stages that a build reaches, each with its line. */
export function reachedText(stages: readonly ReachedStage[]): string {
  const reached = stages.map(({ name, index, place }) => `${name ?? index} (line ${place.line})`).join(', ');
  return `stages ${reached}`;
}

function argumentInputs(
  keyed: KeyedLeg,
  origins: InputOrigins | undefined,
  { setting }: Places,
): readonly ExplainedInput[] {
  const { target } = keyed.leg;
  const values = new Map<string, string | null>();
  for (const { args } of documentOf(keyed).stages)
    for (const [name, value] of Object.entries(args)) values.set(name, value);
  for (const [name, value] of Object.entries(documentOf(keyed).args)) values.set(name, value);
  return [...values].map(([name, value]) => {
    const line = origins === undefined ? undefined : argumentLine(name, origins);
    const inDockerfile = { file: target.dockerfile, ...(line === undefined ? {} : { line }) };
    const isGiven = Object.hasOwn(target.args, name);
    const isVolatile = target.volatile.includes(name);
    return {
      kind: 'argument' as const,
      name,
      value: isVolatile ? 'any (volatile)' : (value ?? 'not given'),
      place: isGiven ? setting(target, ['args', name]) : inDockerfile,
    };
  });
}

function baseInput(
  base: BaseImage,
  keyed: KeyedLeg,
  stages: readonly ReachedStage[],
  { setting }: Places,
): ExplainedInput {
  const { leg } = keyed;
  const value = base.digest ?? 'by its name alone';
  if (base.context !== undefined) {
    return { kind: 'base', name: base.reference, value, place: setting(leg.target, ['contexts', base.context]) };
  }
  if (base.role === 'frontend') {
    return { kind: 'base', name: base.reference, value, place: directivePlace('syntax', keyed, setting) };
  }
  const line = lineOfImage(base.reference, stages);
  const place = { file: leg.target.dockerfile, ...(line === undefined ? {} : { line }) };
  return { kind: 'base', name: base.reference, value, place };
}

function lineOfImage(reference: string, stages: readonly ReachedStage[]): number | undefined {
  const isIt = (origin: CopyOrigin | undefined): boolean => origin?.kind === 'image' && origin.reference === reference;
  for (const { base, place, steps } of stages) {
    if (base.kind === 'image' && base.reference === reference) return place.line;
    const step = steps.find(({ action }) => {
      if (action.kind === 'copy' || action.kind === 'add') return isIt(action.origin);
      return action.kind === 'run' && action.mounts.some((mount) => 'origin' in mount && isIt(mount.origin));
    });
    if (step !== undefined) return step.place.line;
  }
  return undefined;
}

/** What each rule of `shared` names, rule by rule. */
function sharedInputs(keyed: KeyedLeg, { setting }: Places): readonly ExplainedInput[] {
  const byRule = new Map<number | undefined, { readonly place: Place; readonly files: string[] }>();
  for (const { path } of keyed.inputs.shared?.entries ?? []) {
    const place = rulePlace(keyed, path, setting);
    const rule = byRule.get(place.line) ?? { place, files: [] };
    byRule.set(place.line, rule);
    rule.files.push(path);
  }
  return [...byRule.values()].map((rule) => ({ kind: 'files', name: sharedRule, ...rule }));
}

function filesInput(taking: Taking, { inputs }: KeyedLeg): ExplainedInput {
  return {
    kind: 'files',
    name: taking.text,
    ...(taking.line === undefined ? {} : { place: { file: inputs.dockerfile.path, line: taking.line } }),
    files: filesOf(taking),
  };
}

/** The files that an instruction takes, from the top of the repository. */
export function filesOf({ folder, entries }: Taking): readonly string[] {
  return entries()
    .filter(({ kind }) => kind !== 'folder')
    .map(({ path }) => (folder === '' ? path : `${folder}/${path}`));
}

function commandOf(generated: Json): string {
  const run = typeof generated === 'object' && generated !== null && 'run' in generated ? generated['run'] : undefined;
  return Array.isArray(run) ? run.join(' ') : '';
}
