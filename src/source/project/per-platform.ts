/** What differs on one platform of a target (`per-platform`): joined along `inherits`, and read into the model. */
import { isFanfoldError } from '../../base/errors/error.ts';
import { optional } from '../../content/oci/descriptor.ts';
import { formatPlatform, type Platform, parsePlatform } from '../../content/oci/platform.ts';
import { diskSizeBytes } from './disk-size.ts';
import type { PlatformFields, Target } from './model.ts';
import type { WrittenTarget } from './schema.ts';

type Written = WrittenTarget['per-platform'];

/** Each platform's fields, and its arguments one by one, those of `above` over those of `below`; undefined where only one has any. */
export function joinPlatforms(below: Written, above: Written): Pick<WrittenTarget, 'per-platform'> | undefined {
  if (below === undefined || above === undefined) return undefined;
  const joined = Object.entries(above).map(([platform, fields]) => {
    const args = { ...below[platform]?.args, ...fields.args };
    return [platform, { ...below[platform], ...fields, ...(Object.keys(args).length === 0 ? {} : { args }) }] as const;
  });
  return { 'per-platform': { ...below, ...Object.fromEntries(joined) } };
}

/**
 * The model's fields for `platforms`. What a default says of platforms that a target does not have is passed over; what the target says
 * itself (`isOwn`) is told, as is what no platform is.
 */
export function readPerPlatform(
  written: Written,
  platforms: readonly Platform[],
  isOwn: (platform: string) => boolean,
  tell: (platform: string, message: string, hint: string) => void,
): Pick<Target, 'perPlatform'> {
  const names = platforms.map(formatPlatform);
  const read: Record<string, PlatformFields> = {};
  for (const [text, { args = {}, runner, disk, cache }] of Object.entries(written ?? {})) {
    const name = platformName(text);
    const diskBytes = diskSizeBytes(disk ?? '');
    if (disk !== undefined && diskBytes === undefined)
      tell(text, `${JSON.stringify(disk)} is no size of a disk`, 'write a number and its unit: 30GB, 20.5GiB');
    if (name !== undefined && names.includes(name)) {
      const texts = Object.entries(args).map(([key, value]) => [key, String(value)] as const);
      const own = { args: { ...read[name]?.args, ...Object.fromEntries(texts) } };
      read[name] = {
        ...read[name],
        ...own,
        ...optional('runner', runner),
        ...optional('diskBytes', diskBytes),
        ...optional('cache', cache),
      };
    } else if (name === undefined || isOwn(text)) {
      tell(text, `${JSON.stringify(text)} is none of the platforms`, `they are ${names.join(', ')}`);
    }
  }
  return Object.keys(read).length === 0 ? {} : { perPlatform: read };
}

function platformName(text: string): string | undefined {
  try {
    return formatPlatform(parsePlatform(text));
  } catch (error) {
    if (isFanfoldError(error)) return undefined;
    throw error;
  }
}
