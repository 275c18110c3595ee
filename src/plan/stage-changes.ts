/** What two legs' Dockerfiles differ in, as far as the builds reach them: instructions, arguments and bases, with their lines. */
import { canonicalJson, type Json } from '../content/oci/json.ts';
import type { ReachedStage } from '../source/dockerfile/stages.ts';
import type { KeyedStage } from '../source/inputs/key.ts';
import type { InputOrigins, KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { argumentLine } from './argument-line.ts';
import type { Sides } from './file-changes.ts';
import type { InputChange } from './input-change.ts';
import type { SettingPlace } from './setting-place.ts';

/** The differences, stage by stage in the order in which they are built. */
export function stageChanges(
  before: readonly KeyedStage[],
  now: readonly KeyedStage[],
  sides: Sides,
  setting: SettingPlace,
): readonly InputChange[] {
  const origins = sides.now.inputs.origins?.();
  const stages = { before: sides.before.inputs.origins?.().stages ?? [], now: origins?.stages ?? [] };
  const count = Math.max(before.length, now.length);
  const changes = Array.from({ length: count }, (_, place) => {
    const pair = { was: before[place], is: now[place], old: stages.before[place], stage: stages.now[place] };
    return [
      ...argumentChanges(pair, sides.now, origins, setting),
      ...baseChange(pair, sides),
      ...stepChanges(pair, sides),
    ];
  });
  return distinct(changes.flat());
}

interface Pair {
  readonly was: KeyedStage | undefined;
  readonly is: KeyedStage | undefined;
  readonly old: ReachedStage | undefined;
  readonly stage: ReachedStage | undefined;
}

function argumentChanges(
  { was, is, stage }: Pair,
  now: KeyedLeg,
  origins: InputOrigins | undefined,
  setting: SettingPlace,
): readonly InputChange[] {
  if (was === undefined || is === undefined) return [];
  const names = [...new Set([...Object.keys(was.args), ...Object.keys(is.args)])].sort();
  return names.flatMap((name) => {
    const [before, after] = [was.args[name], is.args[name]];
    if (before === after) return [];
    const { target } = now.leg;
    const globalArgs = origins?.globalArgs ?? new Map();
    const line = argumentLine(name, { stages: stage === undefined ? [] : [stage], globalArgs });
    const inDockerfile = { file: now.inputs.dockerfile.path, ...(line === undefined ? {} : { line }) };
    const place = Object.hasOwn(target.args, name) ? setting(target, ['args', name]) : inDockerfile;
    const how = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
    return [
      {
        kind: 'argument' as const,
        how,
        name,
        ...(typeof before === 'string' ? { was: before } : {}),
        ...(typeof after === 'string' ? { is: after } : {}),
        place,
      },
    ];
  });
}

function baseChange({ was, is, stage, old }: Pair, { now, before }: Sides): readonly InputChange[] {
  if (was !== undefined && is !== undefined) {
    const [one, other] = [was, is].map(({ base, platform }) => canonicalJson({ base, platform }));
    if (one === other) return [];
  }
  const side = stage === undefined ? before : now;
  const line = (stage ?? old)?.place.line;
  return [
    {
      kind: 'base',
      how: was === undefined ? 'added' : is === undefined ? 'removed' : 'changed',
      name: `of stage ${(stage ?? old)?.name ?? (stage ?? old)?.index ?? ''}`.trim(),
      ...(was === undefined ? {} : { was: baseText(was) }),
      ...(is === undefined ? {} : { is: baseText(is) }),
      place: { file: side.inputs.dockerfile.path, ...(line === undefined ? {} : { line }) },
    },
  ];
}

function baseText({ base, platform }: KeyedStage): string {
  const text = typeof base === 'string' ? base : Object.values(base as Readonly<Record<string, Json>>).join(' ');
  return `${text} for ${platform}`;
}

/** Steps between the parts that both have at the beginning and at the end. */
function stepChanges({ was, is, old, stage }: Pair, { before, now }: Sides): readonly InputChange[] {
  const olds = (was?.steps ?? []).map(canonicalJson);
  const news = (is?.steps ?? []).map(canonicalJson);
  let head = 0;
  while (head < Math.min(olds.length, news.length) && olds[head] === news[head]) head++;
  let tail = 0;
  const most = Math.min(olds.length, news.length) - head;
  while (tail < most && olds[olds.length - 1 - tail] === news[news.length - 1 - tail]) tail++;
  const removed = old?.steps.slice(head, olds.length - tail) ?? [];
  const added = stage?.steps.slice(head, news.length - tail) ?? [];
  const isPair = removed.length === 1 && added.length === 1;
  const changeOf = (how: InputChange['how'], leg: KeyedLeg) => (step: ReachedStage['steps'][number]) => ({
    kind: 'instruction' as const,
    how,
    name: step.instruction.source,
    place: { file: leg.inputs.dockerfile.path, line: step.place.line },
  });
  if (isPair) return added.map(changeOf('changed', now));
  return [...removed.map(changeOf('removed', before)), ...added.map(changeOf('added', now))];
}

function distinct(changes: readonly InputChange[]): readonly InputChange[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}
