/** RUN's `--mount` (Dockerfile reference, "RUN --mount"). */
import { nearestName } from '../../base/errors/nearest.ts';
import type { ActionContext, Expander } from './action-context.ts';
import { refuseVariable } from './copy-action.ts';
import type { Instruction } from './instruction.ts';
import { mistake } from './mistake.ts';
import type { Mount } from './step.ts';
import { splitCsv } from './words.ts';

const kinds = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'] as const;
type Kind = (typeof kinds)[number];
const options = ['type', 'from', 'source', 'src', 'target', 'dst', 'destination', 'readonly', 'ro', 'readwrite', 'rw'];
const moreOptions = ['id', 'sharing', 'required', 'size', 'mode', 'uid', 'gid', 'env'];

/**
 * The mounts of a RUN; none are looked at beyond `from` while a Dockerfile is only checked.
 * @throws FanfoldError `dockerfile.syntax`, `dockerfile.expansion`
 */
export function readMounts(instruction: Instruction, context: ActionContext, expander: Expander): readonly Mount[] {
  const values = instruction.flags.filter((flag) => flag.name === 'mount').map((flag) => flag.value ?? '');
  const all = values.map((value) => splitCsv(value).map(splitField));
  for (const [name, value] of all.flat()) {
    if (name === 'from' && value !== undefined) refuseVariable(value, 'the mount’s from');
  }
  if (context.expander === undefined) return [];
  return all.map((fields) => makeMount(readFields(fields, expander), context));
}

/**
 * What the mounts of a RUN name in `from`, empty ones left out.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function mountFroms(instruction: Instruction): readonly string[] {
  const values = instruction.flags.filter((flag) => flag.name === 'mount').map((flag) => flag.value ?? '');
  const fields = values.flatMap((value) => splitCsv(value).map(splitField));
  return fields.flatMap(([name, value]) => (name === 'from' && value ? [value] : []));
}

type Fields = ReadonlyMap<string, string | undefined>;

function splitField(field: string): readonly [string, string | undefined] {
  const equals = field.indexOf('=');
  if (equals < 0) return [field.toLowerCase(), undefined];
  return [field.slice(0, equals).toLowerCase(), field.slice(equals + 1)];
}

const longNames: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
};

function readFields(fields: readonly (readonly [string, string | undefined])[], expander: Expander): Fields {
  const read = new Map<string, string | undefined>();
  for (const [name, value] of fields) {
    const known = [...options, ...moreOptions];
    if (!known.includes(name)) {
      const nearest = nearestName(name, known);
      throw mistake(`a mount has no option ${name}`, nearest && `write ${nearest}`);
    }
    const long = longNames[name] ?? name;
    if (value === undefined && !['readonly', 'readwrite', 'required'].includes(long)) {
      throw mistake(`the mount's option ${name} needs a value`);
    }
    read.set(long, value === undefined ? undefined : expander.word(value));
  }
  return read;
}

function makeMount(fields: Fields, context: ActionContext): Mount {
  const kind = kindOf(fields.get('type') ?? 'bind');
  const from = fields.get('from') ?? '';
  const origin = from === '' ? undefined : (context.originOf?.(from) ?? { kind: 'image', reference: from });
  const source = fields.get('source') ?? '';
  const target = fields.get('target') ?? '';
  const required = isOn(fields, 'required', false);
  switch (kind) {
    case 'bind': {
      const writable = fields.has('readwrite') ? isOn(fields, 'readwrite', false) : !isOn(fields, 'readonly', true);
      return { kind, origin: origin ?? { kind: 'context' }, source, target, writable };
    }
    case 'cache': {
      const id = fields.get('id') || target;
      return { kind, id, target, ...(origin && { origin }), ...(source !== '' && { source }) };
    }
    case 'secret':
      return secretMount(fields, source, target, required);
    case 'ssh':
      return { kind, id: fields.get('id') || 'default', required };
    case 'tmpfs':
      return { kind, target };
  }
}

function secretMount(fields: Fields, source: string, target: string, required: boolean): Mount {
  const id = source || fields.get('id') || target.split('/').at(-1) || '';
  if (id === '') throw mistake('a secret mount needs an id or a target');
  return { kind: 'secret', id, ...(target !== '' && { target }), required };
}

function kindOf(written: string): Kind {
  const kind = kinds.find((candidate) => candidate === written.toLowerCase());
  if (kind !== undefined) return kind;
  const nearest = nearestName(written, kinds);
  throw mistake(`${JSON.stringify(written)} is no type of mount`, nearest && `write ${nearest}`);
}

function isOn(fields: Fields, name: string, absent: boolean): boolean {
  if (!fields.has(name)) return absent;
  const value = fields.get(name) ?? 'true';
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw mistake(`the mount's option ${name} is true or false, not ${JSON.stringify(value)}`);
}
