/** What is written of files that count, to the model. */
import { posix } from 'node:path';
import type * as z from 'zod';
import type { Diagnostic } from '../../base/errors/diagnostic.ts';
import type { ignoreSchema, inputsSchema, sharedSchema, volatileSchema } from './input-schema.ts';
import type { InputRule, SharedRule, Volatile } from './model.ts';
import { mistake, type Path, placeOfValue } from './source.ts';
import type { YamlSource } from './yaml.ts';

/** Called with what is wrong at a place below the field. */
type Tell = (message: string, hint: string, more: Path) => void;

const pathHint = 'paths are relative to the folder of fanfold.yaml and stay inside';

/** The rules of `inputs`, in their order. */
export function inputRules(written: z.infer<typeof inputsSchema>, tell: Tell): readonly InputRule[] {
  const isList = Array.isArray(written);
  return (isList ? written : [written]).flatMap((rule, index) => {
    const at = isList ? [index] : [];
    return inputRule(rule, (message, hint, more) => tell(message, hint, [...at, ...more])) ?? [];
  });
}

type WrittenRule = Exclude<z.infer<typeof inputsSchema>, readonly unknown[]>;

function inputRule(written: WrittenRule, tell: Tell): InputRule | undefined {
  if (typeof written === 'string') return globRule(written, tell, []);
  if (written.command !== undefined) return { kind: 'command', run: written.command };
  for (const kind of ['go', 'npm', 'pnpm', 'cargo'] as const) {
    const member = written[kind];
    if (member === undefined) continue;
    const path = posix.normalize(member).replace(/\/$/, '');
    if (isInside(path)) return { kind, member: path === '.' ? '' : path };
    tell(`${JSON.stringify(member)} leads out of the folder of fanfold.yaml`, pathHint, [kind]);
    return undefined;
  }
  if (written.protobuf !== undefined && written.baseline !== undefined) {
    const { protobuf, baseline } = written;
    return protobufRule({ protobuf, baseline }, tell);
  }
  tell('this says nothing', 'write a glob, or one of go, npm, pnpm, cargo, command and protobuf', []);
  return undefined;
}

function protobufRule(
  written: { readonly protobuf: string; readonly baseline: string },
  tell: Tell,
): InputRule | undefined {
  const [file, baseline] = [posix.normalize(written.protobuf), posix.normalize(written.baseline)];
  for (const [field, path] of Object.entries({ protobuf: file, baseline })) {
    if (isInside(path)) continue;
    tell(`${JSON.stringify(path)} leads out of the folder of fanfold.yaml`, pathHint, [field]);
    return undefined;
  }
  if (file !== baseline) return { kind: 'protobuf', file, baseline };
  tell('a file is no baseline of itself', 'commit a copy of the file as it was last built for', ['baseline']);
  return undefined;
}

/** One glob, `!` before it where it takes out. `./` before it says nothing, and a folder's name with `/` behind it is all in it. */
function globRule(written: string, tell: Tell, more: Path): InputRule | undefined {
  const negated = written.startsWith('!');
  const plain = (negated ? written.slice(1) : written).replace(/^(?:\.\/)+/, '');
  const glob = plain.endsWith('/') ? `${plain}**` : plain;
  if (glob !== '' && isInside(glob)) return { kind: 'glob', glob: glob === '.' ? '**' : glob, negated };
  tell(`${JSON.stringify(written)} leads out of the folder of fanfold.yaml`, pathHint, more);
  return undefined;
}

function isInside(path: string): boolean {
  return !path.startsWith('/') && !path.includes('\\') && !path.includes('\0') && !path.split('/').includes('..');
}

/** `volatile`: a list's `label:NAME` is a label. */
export function volatileOf(written: z.infer<typeof volatileSchema>): Volatile {
  if (!Array.isArray(written)) {
    const { args = [], labels = [], except } = written;
    return { args, labels, exceptTags: except === 'tags' };
  }
  const isLabel = (name: string): boolean => name.startsWith('label:');
  return {
    args: written.filter((name) => !isLabel(name)),
    labels: written.filter(isLabel).map((name) => name.slice('label:'.length)),
    exceptTags: false,
  };
}

/** What is written without the family's own rules: the rest at the top is every target's default. */
export function withoutRules<W extends WrittenRules>({
  shared: _,
  ignore: __,
  ...rest
}: W): Omit<W, keyof WrittenRules> {
  return rest;
}

interface WrittenRules {
  readonly shared?: z.infer<typeof sharedSchema> | undefined;
  readonly ignore?: z.infer<typeof ignoreSchema> | undefined;
}

/** The family's own rules: `shared` and `ignore`. What is wrong goes to `diagnostics`. */
export function familyRules(
  written: WrittenRules,
  source: YamlSource,
  diagnostics: Diagnostic[],
): { readonly shared?: readonly SharedRule[]; readonly ignore?: readonly InputRule[] } {
  const globs = (list: readonly string[], path: Path): readonly InputRule[] =>
    list.flatMap((glob, index) => {
      const tell: Tell = (message, hint) =>
        void diagnostics.push(mistake('config.invalid', placeOfValue(source, [...path, index]), message, hint));
      return globRule(glob, tell, []) ?? [];
    });
  const { shared, ignore } = written;
  const rules = shared?.map(({ paths, targets = ['*'] }, index) => ({
    place: placeOfValue(source, ['shared', index]),
    paths: globs(paths, ['shared', index, 'paths']),
    targets,
  }));
  return {
    ...(rules === undefined ? {} : { shared: rules }),
    ...(ignore === undefined ? {} : { ignore: globs(ignore, ['ignore']) }),
  };
}
