/** Targets as written to targets with every field that holds for them: matrix, `inherits`, the family's defaults. */
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { type Combination, combinations, maxCombinations, substitute, type UnknownVariable } from './matrix.ts';
import { joinPlatforms } from './per-platform.ts';
import type { WrittenFamily, WrittenTarget } from './schema.ts';
import { mistake, type Path, placeOfKey, placeOfValue } from './source.ts';
import type { YamlSource } from './yaml.ts';

/** A target's fields, whoever gave them. */
export type Fields = Omit<WrittenTarget, 'inherits' | 'matrix' | 'name'>;

/** A target, expanded. */
export interface ExpandedTarget {
  readonly name: string;
  /** Where it is written. */
  readonly path: Path;
  readonly fields: Fields;
  /** Where a field is written, or the entry of a field that is a map: in the target, one that it inherits from, or at the top. */
  readonly originOf: Origins;
}

/** undefined where nobody wrote it. */
export type Origins = (field: string, entry?: string) => Path | undefined;

/** The family's targets in the order of the file; those whose names begin with `_` are inherited from and left out. */
export function expandTargets(
  family: WrittenFamily,
  source: YamlSource,
): { readonly targets: readonly ExpandedTarget[]; readonly diagnostics: readonly Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const written = Object.entries(family.targets).flatMap(([name, target]) =>
    expandMatrix(name, target, source, diagnostics),
  );
  const named = new Map<string, NamedTarget>();
  for (const target of written) {
    const first = named.get(target.name);
    if (first === undefined) named.set(target.name, target);
    else diagnostics.push(sameName(target, first, source));
  }
  const { staging: _, targets: __, sources: ___, ...defaults } = family;
  const base = layerOf(defaults, []);
  const inheriting = new Inheritance(named, family, source, diagnostics);
  const targets = [...named.values()].map(({ name, path }) => {
    return { name, path, ...overlay(base, inheriting.layer(name, [])) };
  });
  return { targets: targets.filter(({ name }) => !name.startsWith('_')), diagnostics };
}

interface NamedTarget {
  readonly name: string;
  readonly path: Path;
  readonly target: WrittenTarget;
}

function sameName(target: NamedTarget, first: NamedTarget, source: YamlSource): Diagnostic {
  const { line } = placeOfKey(source, first.path);
  const message = `two targets are called ${JSON.stringify(target.name)}`;
  return mistake(
    'config.collision',
    nameplace(target, source),
    message,
    `the first is in line ${line}: give one another name`,
  );
}

function nameplace(target: NamedTarget, source: YamlSource): ReturnType<typeof placeOfKey> {
  return target.target.name === undefined
    ? placeOfKey(source, target.path)
    : placeOfValue(source, [...target.path, 'name']);
}

function expandMatrix(
  key: string,
  target: WrittenTarget,
  source: YamlSource,
  diagnostics: Diagnostic[],
): readonly NamedTarget[] {
  const path = ['targets', key];
  const { matrix, name } = target;
  if (matrix === undefined) {
    if (name === undefined) return [{ name: key, path, target }];
    const hint = 'name the target by its key, or give it a matrix';
    diagnostics.push(mistake('config.invalid', placeOfKey(source, [...path, 'name']), 'name goes with a matrix', hint));
    return [];
  }
  if (name === undefined) {
    const names = Object.keys(matrix).map((variable) => `\${${variable}}`);
    const hint = `write name: ${[key, ...names].join('-')}`;
    diagnostics.push(mistake('config.missing', placeOfKey(source, path), 'a target with a matrix needs a name', hint));
    return [];
  }
  const all = combinations(matrix);
  if (all === undefined) {
    const place = placeOfKey(source, [...path, 'matrix']);
    diagnostics.push(mistake('config.invalid', place, `the matrix makes more than ${maxCombinations} targets`));
    return [];
  }
  return all.flatMap((combination) => namedCombination(path, target, name, combination, source, diagnostics));
}

function namedCombination(
  path: Path,
  target: WrittenTarget,
  template: string,
  combination: Combination,
  source: YamlSource,
  diagnostics: Diagnostic[],
): readonly NamedTarget[] {
  const { matrix: _, ...rest } = target;
  const unknown = (at: Path, { name, hint }: UnknownVariable): void => {
    const place = placeOfValue(source, at);
    diagnostics.push(mistake('config.reference', place, `the matrix has no ${JSON.stringify(name)}`, hint));
  };
  const substituted = substituteDeep(rest, combination, path, unknown);
  const name = substitute(template, combination, () => undefined);
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(name)) return [{ name, path, target: substituted }];
  const message = `${JSON.stringify(name.slice(0, 200))} cannot be a target's name`;
  const hint = 'a target is named with letters, digits, _, . and -, at most 128';
  if (!name.includes('${'))
    diagnostics.push(mistake('config.invalid', placeOfValue(source, [...path, 'name']), message, hint));
  return [];
}

/** `value` with every text in it substituted; keys are left as they are. */
function substituteDeep<T>(
  value: T,
  combination: Combination,
  path: Path,
  unknown: (at: Path, variable: UnknownVariable) => void,
): T;
function substituteDeep(
  value: unknown,
  combination: Combination,
  path: Path,
  unknown: (at: Path, variable: UnknownVariable) => void,
): unknown {
  if (typeof value === 'string') return substitute(value, combination, (variable) => unknown(path, variable));
  if (Array.isArray(value)) {
    return value.map((item, index) => substituteDeep(item, combination, [...path, index], unknown));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, substituteDeep(item, combination, [...path, key], unknown)]),
  );
}

/** Fields with their origins: what one target, or the top, or all above it together give. */
interface Layer {
  readonly fields: Fields;
  readonly originOf: Origins;
}

/** Fields whose entries are joined; every other field is replaced whole by the nearer one. */
const maps = ['args', 'labels', 'annotations', 'contexts', 'attestations', 'per-platform'] as const;

function layerOf(fields: Fields, path: Path): Layer {
  const originOf: Origins = (field, entry) => {
    const value: unknown = Reflect.get(fields, field);
    if (value === undefined || entry === undefined) return value === undefined ? undefined : [...path, field];
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, entry);
    return isThere ? [...path, field, entry] : undefined;
  };
  return { fields, originOf };
}

const nothing: Layer = { fields: {}, originOf: () => undefined };

/** What `above` gives over what `below` gives. */
function overlay(below: Layer, above: Layer): Layer {
  const fields: Fields = { ...below.fields, ...above.fields };
  for (const map of maps) {
    const [low, high] = [below.fields[map], above.fields[map]];
    if (low !== undefined && high !== undefined) Object.assign(fields, { [map]: { ...low, ...high } });
  }
  const platforms = joinPlatforms(below.fields['per-platform'], above.fields['per-platform']);
  return {
    fields: platforms === undefined ? fields : { ...fields, ...platforms },
    originOf: (field, entry) => above.originOf(field, entry) ?? below.originOf(field, entry),
  };
}

/** Holds the layers that are done: a base of many targets is put together once. */
class Inheritance {
  private readonly named: ReadonlyMap<string, NamedTarget>;
  private readonly family: WrittenFamily;
  private readonly source: YamlSource;
  private readonly diagnostics: Diagnostic[];
  private readonly done = new Map<string, Layer>();

  constructor(
    named: ReadonlyMap<string, NamedTarget>,
    family: WrittenFamily,
    source: YamlSource,
    diagnostics: Diagnostic[],
  ) {
    this.named = named;
    this.family = family;
    this.source = source;
    this.diagnostics = diagnostics;
  }

  /** The fields of a target and all that it inherits; `chain` is the way here. */
  layer(name: string, chain: readonly string[]): Layer {
    const done = this.done.get(name);
    const written = this.named.get(name);
    if (done !== undefined || written === undefined) return done ?? nothing;
    const { inherits = [], matrix: _, name: __, ...own } = written.target;
    const layers = inherits.map((base, index) => {
      const place = [...written.path, 'inherits', index];
      return this.base(base, place, [...chain, name]);
    });
    const layer = [...layers, layerOf(own, written.path)].reduce(overlay);
    this.done.set(name, layer);
    return layer;
  }

  private base(name: string, path: Path, chain: readonly string[]): Layer {
    const place = placeOfValue(this.source, path);
    if (chain.includes(name)) {
      const circle = [...chain.slice(chain.indexOf(name)), name].join(' → ');
      this.diagnostics.push(
        mistake('config.cycle', place, `targets inherit in a circle: ${circle}`, 'take one of them out'),
      );
      return nothing;
    }
    if (!this.named.has(name)) {
      this.diagnostics.push(
        mistake(
          'config.reference',
          place,
          `there is no target ${JSON.stringify(name)} to inherit from`,
          this.hint(name),
        ),
      );
    }
    return this.layer(name, chain);
  }

  private hint(name: string): string {
    if (Object.hasOwn(this.family.targets, name)) return 'it has a matrix: name one of the targets that it makes';
    const nearest = nearestName(name.slice(0, 128), this.named.keys());
    return nearest === undefined ? 'define it below targets' : `did you mean ${nearest}?`;
  }
}
