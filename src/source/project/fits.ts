/** Whether data fits a schema, many times as fast as zod, which tells what is wrong with all that does not. */
import type * as z from 'zod';

type Schema = z.core.$ZodType;

/**
 * Whether `value` (of a YAML or JSON file) certainly fits `schema`, and zod would give it back unchanged. Where the schema has
 * something that is not known here, the answer is no.
 */
export function fits<S extends Schema>(schema: S, value: unknown): value is z.output<S> {
  // zod's own union of all that it has: https://zod.dev/packages/core
  const { def } = (schema as unknown as z.core.$ZodTypes)._zod;
  // A schema that is itself a check (`z.int()`).
  if ('check' in def) return false;
  switch (def.type) {
    case 'string':
      return typeof value === 'string' && passes(def.checks, value);
    case 'number':
      return Number.isFinite(value) && passes(def.checks, value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'enum':
      return typeof value === 'string' && Object.values(def.entries).includes(value);
    case 'literal':
      return (def.values as readonly unknown[]).includes(value);
    case 'optional':
      return fits(def.innerType, value);
    case 'union':
      for (const option of def.options) if (fits(option, value)) return true;
      return false;
    case 'array':
      return Array.isArray(value) && passes(def.checks, value) && value.every((item) => fits(def.element, item));
    case 'record':
      return isMap(value) && passes(def.checks, value) && fitsRecord(def, value);
    case 'object':
      return isMap(value) && passes(def.checks, value) && fitsObject(def, value);
    default:
      return false;
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fitsRecord({ keyType, valueType }: z.core.$ZodRecordDef, value: Readonly<Record<string, unknown>>): boolean {
  for (const key in value) if (!fits(keyType, key) || !fits(valueType, value[key])) return false;
  return true;
}

function fitsObject({ shape, catchall }: z.core.$ZodObjectDef, value: Readonly<Record<string, unknown>>): boolean {
  if (catchall?._zod.def.type !== 'never') return false;
  for (const key in value) {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (field === undefined || !fits(field, value[key])) return false;
  }
  for (const key of requiredKeys(shape)) if (!Object.hasOwn(value, key)) return false;
  return true;
}

const required = new WeakMap<object, readonly string[]>();

/** Worked out once: most shapes are asked of for every target, and require nothing. */
function requiredKeys(shape: z.core.$ZodShape): readonly string[] {
  const known = required.get(shape);
  if (known !== undefined) return known;
  const keys = Object.keys(shape).filter((key) => shape[key]?._zod.def.type !== 'optional');
  required.set(shape, keys);
  return keys;
}

/** A check tells what is wrong, or (where it is no check) makes another value. */
function passes(checks: z.core.$ZodTypeDef['checks'], value: unknown): boolean {
  for (const check of checks ?? []) {
    const payload: z.core.ParsePayload<never> = { value: value as never, issues: [] };
    const pending = check._zod.check(payload);
    if (pending !== undefined || payload.issues.length > 0 || payload.value !== value) return false;
  }
  return true;
}
