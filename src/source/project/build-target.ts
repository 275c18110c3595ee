/** An expanded target to the model: paths made plain, platforms, contexts, destinations and tag rules understood. */
import { posix } from 'node:path';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import { nearestName } from '../../base/errors/nearest.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { formatPlatform, type Platform, platformIdentity } from '../../content/oci/platform.ts';
import { familiarName } from '../dockerfile/familiar-name.ts';
import { diskSizeBytes } from './disk-size.ts';
import type { ExpandedTarget, Fields } from './expand.ts';
import { inputRules, volatileOf } from './input-rules.ts';
import { destinationsOf, stagingOf } from './locations.ts';
import type { AttestationSetting, BuilderSetting, Generated, NamedContext, Target } from './model.ts';
import { parseNamedContext } from './named-context.ts';
import { plainPath } from './paths.ts';
import { readPerPlatform } from './per-platform.ts';
import { mistake, type Path, placeOfKey, placeOfValue } from './source.ts';
import type { TargetContext } from './target-context.ts';
import { tagRulesOf } from './written-rules.ts';

/** The model's target; undefined where a mistake leaves nothing to make it of. Every mistake goes to `diagnostics`. */
export function buildTarget(
  target: ExpandedTarget,
  context: TargetContext,
  diagnostics: Diagnostic[],
): Target | undefined {
  const { fields } = target;
  const reader = new FieldReader(target, context, diagnostics);
  const folder = reader.path(fields.context ?? '.', 'context');
  const dockerfile = reader.path(fields.dockerfile ?? posix.join(folder ?? '', 'Dockerfile'), 'dockerfile');
  const platforms = reader.platforms();
  const destinations = destinationsOf(target, context, diagnostics);
  const staging = stagingOf(destinations, context, diagnostics);
  const rest = {
    contexts: reader.contexts(),
    tags: tagRulesOf(target, context, diagnostics),
    secret: reader.secrets(),
    ...reader.volatile(),
    ...reader.inputs(),
    generated: reader.generated(),
    ...reader.disk(),
    ...reader.perPlatform(platforms),
  };
  if (folder === undefined || dockerfile === undefined || staging === undefined || platforms.length === 0)
    return undefined;
  return {
    name: target.name,
    place: { ...placeOfKey(context.source, target.path), target: target.name },
    context: folder,
    dockerfile,
    platforms,
    destinations,
    staging,
    ...rest,
    ...plainFields(fields),
  };
}

/** What needs no more than its default. */
function plainFields(fields: Fields) {
  const { target, network, builder, attestations } = fields;
  return {
    ...(target === undefined ? {} : { stage: target }),
    args: texts(fields.args),
    labels: texts(fields.labels),
    annotations: texts(fields.annotations),
    ssh: fields.ssh ?? [],
    ...(network === undefined ? {} : { network }),
    ...(fields.runner === undefined ? {} : { runner: fields.runner }),
    ...(fields.test === undefined || fields.test.length === 0 ? {} : { test: fields.test }),
    ...(fields.refresh === undefined ? {} : { refresh: fields.refresh }),
    cacheFrom: fields['cache-from'] ?? [],
    cacheTo: fields['cache-to'] ?? [],
    ...(fields.cache === undefined || fields.cache === 'off' ? {} : { cache: fields.cache }),
    ...(builder === undefined ? {} : { builder: builderOf(builder) }),
    attestations: {
      provenance: attestations?.provenance ?? 'max',
      sbom: attestations?.sbom ?? false,
    } satisfies AttestationSetting,
    bases: fields.bases ?? 'resolve',
  };
}

function texts(values: Fields['args']): Readonly<Record<string, string>> {
  const made: Record<string, string> = {};
  for (const name in values) made[name] = String(values[name]);
  return made;
}

function builderOf(written: NonNullable<Fields['builder']>): BuilderSetting {
  if (typeof written === 'string') return { kind: written };
  if ('command' in written) return { kind: 'command', run: written.command };
  const { builder, remote } = written.buildx;
  return {
    kind: 'buildx',
    ...(builder === undefined ? {} : { name: builder }),
    ...(remote === undefined ? {} : { remote }),
  };
}

/** Reads a target's fields, each mistake at the place where the field is written. */
class FieldReader {
  private readonly target: ExpandedTarget;
  private readonly context: TargetContext;
  private readonly diagnostics: Diagnostic[];

  constructor(target: ExpandedTarget, context: TargetContext, diagnostics: Diagnostic[]) {
    this.target = target;
    this.context = context;
    this.diagnostics = diagnostics;
  }

  path(written: string, field: string, ...more: Path): string | undefined {
    const path = plainPath(written);
    if (path === undefined) this.tellPath(written, field, more);
    return path;
  }

  platforms(): readonly Platform[] {
    const written = this.target.fields.platforms;
    if (written === undefined) {
      const message = `target ${JSON.stringify(this.target.name)} has no platforms`;
      const place = placeOfKey(this.context.source, this.target.path);
      const hint = 'name them at the top of the file: platforms: [linux/amd64, linux/arm64]';
      this.diagnostics.push(mistake('config.missing', place, message, hint));
    }
    const read = new Map<string, Platform>();
    for (const [index, text] of (written ?? []).entries()) {
      const platform = this.platform(text, index);
      const identity = platform === undefined ? undefined : platformIdentity(platform);
      if (platform === undefined || identity === undefined) continue;
      if (read.has(identity))
        this.tell(
          `${text} is ${formatPlatform(platform)}, which stands there already`,
          'remove one',
          'platforms',
          index,
        );
      else read.set(identity, platform);
    }
    return [...read.values()];
  }

  contexts(): Readonly<Record<string, NamedContext>> {
    const { contexts } = this.target.fields;
    if (contexts === undefined) return {};
    const read = new Map<string, NamedContext>();
    for (const [written, text] of Object.entries(contexts)) {
      const context = parseNamedContext(text);
      // As Buildx does: `docker.io/library/busybox:latest` stands in for whatever is called `busybox`.
      const name = familiarName(written);
      if (typeof context === 'string') {
        const hint = 'name a folder, target:NAME, docker-image://REFERENCE, oci-layout://PATH or a Git repository';
        this.tellEntry(context, hint, 'contexts', written);
      } else if (read.has(name)) {
        this.tellEntry(
          `two contexts are called ${name}`,
          `remove one: ${written} is short for it`,
          'contexts',
          written,
        );
      } else read.set(name, context);
    }
    return Object.fromEntries(read);
  }

  secrets(): readonly string[] {
    const written = this.target.fields.secret ?? [];
    for (const [index, secret] of written.entries()) {
      if (/(?:^|,)id=[^,]/.test(secret)) continue;
      this.tell(
        `the secret ${JSON.stringify(secret)} has no id`,
        'write id=NAME,env=VARIABLE or id=NAME,src=PATH',
        'secret',
        index,
      );
    }
    return written;
  }

  /** A volatile argument or label that is never given has no effect: most likely its name is mistyped. */
  volatile(): Pick<Target, 'volatile' | 'volatileLabels' | 'volatileExcept'> {
    const { volatile: written, args = {}, labels = {} } = this.target.fields;
    if (written === undefined) return { volatile: [] };
    const { args: names, labels: labelNames, exceptTags } = volatileOf(written);
    const report = (kind: string, prefix: string, given: object, list: string, name: string): void => {
      const nearest = Object.hasOwn(given, name) ? undefined : nearestName(name, Object.keys(given));
      const more = Array.isArray(written) ? [written.indexOf(`${prefix}${name}`)] : [list];
      if (nearest !== undefined)
        this.tell(`there is no ${kind} ${name}`, `did you mean ${prefix}${nearest}?`, 'volatile', ...more);
    };
    for (const name of names) report('argument', '', args, 'args', name);
    for (const name of labelNames) report('label', Array.isArray(written) ? 'label:' : '', labels, 'labels', name);
    return {
      volatile: names,
      ...(labelNames.length === 0 ? {} : { volatileLabels: labelNames }),
      ...(exceptTags ? { volatileExcept: 'tags' } : {}),
    };
  }

  inputs(): Pick<Target, 'inputs'> {
    const { inputs } = this.target.fields;
    if (inputs === undefined) return {};
    return { inputs: inputRules(inputs, (message, hint, more) => this.tell(message, hint, 'inputs', ...more)) };
  }

  /** A matrix has filled in what the schema could not see. */
  disk(): Pick<Target, 'diskBytes'> {
    const { disk } = this.target.fields;
    const diskBytes = diskSizeBytes(disk ?? '');
    if (disk !== undefined && diskBytes === undefined)
      this.tell(`${JSON.stringify(disk)} is no size of a disk`, 'write a number and its unit: 30GB, 20.5GiB', 'disk');
    return optional('diskBytes', diskBytes);
  }

  generated(): readonly Generated[] {
    const { generated = [] } = this.target.fields;
    const isList = Array.isArray(generated);
    return (isList ? generated : [generated]).map(({ paths, run, lock }, index) => {
      const at = isList ? [index] : [];
      const plain = (kind: string, list: readonly string[]): readonly string[] =>
        list.flatMap((path, place) => this.path(path, 'generated', ...at, kind, place) ?? []);
      return { paths: plain('paths', paths), run, lock: plain('lock', lock) };
    });
  }

  perPlatform(platforms: readonly Platform[]): Pick<Target, 'perPlatform'> {
    const { fields, path, originOf, name } = this.target;
    if (fields['per-platform'] === undefined) return {};
    const isOwn = (text: string): boolean => path.every((step, at) => originOf('per-platform', text)?.[at] === step);
    const tell = (text: string, message: string, hint: string): void => {
      // A platform that is mistyped is told already.
      if (platforms.length !== fields.platforms?.length) return;
      this.tellEntry(`${message} of target ${JSON.stringify(name)}`, hint, 'per-platform', text);
    };
    return readPerPlatform(fields['per-platform'], platforms, isOwn, tell);
  }

  private platform(text: string, index: number): Platform | undefined {
    const read = this.context.readPlatform(text);
    if (!('message' in read)) return read;
    this.tell(read.message, read.hint, 'platforms', index);
    return undefined;
  }

  private tellPath(written: string, field: string, more: Path): void {
    const url = /^[a-z]+:\/\//.test(written);
    const message = url
      ? `${written} is no folder`
      : `${JSON.stringify(written)} leads out of the folder of fanfold.yaml`;
    this.tell(message, 'paths are relative to the folder of fanfold.yaml and stay inside', field, ...more);
  }

  private tell(message: string, hint: string, field: string, ...more: Path): void {
    const path = [...(this.target.originOf(field) ?? this.target.path), ...more];
    this.diagnostics.push(mistake('config.invalid', placeOfValue(this.context.source, path), message, hint));
  }

  private tellEntry(message: string, hint: string, field: string, name: string): void {
    const path = this.target.originOf(field, name) ?? this.target.path;
    this.diagnostics.push(mistake('config.invalid', placeOfValue(this.context.source, path), message, hint));
  }
}
