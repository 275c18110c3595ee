/** A family that is named on the command line, as the fanfold.yaml that reads it in place. */
import { stringify } from 'yaml';
import { FanfoldError } from '../base/errors/error.ts';

/** What `fanfold import` is told beside a configuration. */
export interface ImportOptions {
  readonly matrix: string | undefined;
  readonly list: string | undefined;
  /** `FIELD=TEMPLATE`; `args.NAME=TEMPLATE` for an entry of a map. */
  readonly map: readonly string[];
  readonly bake: string | undefined;
  readonly compose: string | undefined;
  readonly destination: readonly string[];
  readonly platforms: readonly string[];
  readonly tags: readonly string[];
}

/** Maps of a target whose entries `--map` names after a dot. */
const maps = ['args', 'labels', 'annotations', 'contexts'];

/**
 * The fanfold.yaml that these options come to; undefined where they name no file to read.
 * @throws FanfoldError `usage.invalid` where they contradict each other
 */
export function optionsToYaml(options: ImportOptions): string | undefined {
  const { matrix, bake, compose } = options;
  const named = [matrix, bake, compose].filter((path) => path !== undefined);
  if (named.length === 0) {
    const alone = options.map.length + options.destination.length + (options.list === undefined ? 0 : 1);
    if (alone === 0) return undefined;
    throw new FanfoldError('usage.invalid', '--map, --list and --destination go with --matrix, --bake or --compose');
  }
  if (named.length > 1)
    throw new FanfoldError('usage.invalid', '--matrix, --bake and --compose exclude each other', {
      hint: 'write sources: into a fanfold.yaml and import that',
    });
  const each = eachOf(options.map);
  const source = {
    ...(matrix === undefined ? {} : { matrix, list: options.list ?? 'include', each }),
    ...(bake === undefined ? {} : { bake }),
    ...(compose === undefined ? {} : { compose }),
    ...(matrix === undefined && options.map.length > 0 ? { each } : {}),
  };
  return stringify({
    ...(options.destination.length === 0 ? {} : { destinations: options.destination }),
    ...(options.platforms.length === 0 ? {} : { platforms: options.platforms }),
    ...(options.tags.length === 0 ? {} : { tags: options.tags }),
    sources: [source],
  });
}

function eachOf(written: readonly string[]): Readonly<Record<string, unknown>> {
  const each: Record<string, unknown> = {};
  const inner = new Map<string, Record<string, string>>();
  for (const one of written) {
    const [, key = '', template = ''] = /^([^=]+)=(.*)$/s.exec(one) ?? [];
    if (key === '')
      throw new FanfoldError('usage.invalid', `--map ${one} is not FIELD=TEMPLATE`, {
        hint: 'as in --map dockerfile={dockerfile} --map args.BACKEND={backend}',
      });
    const dot = key.indexOf('.');
    const map = key.slice(0, Math.max(dot, 0));
    if (!maps.includes(map)) each[key] = template;
    else inner.set(map, { ...inner.get(map), [key.slice(dot + 1)]: template });
  }
  return { ...each, ...Object.fromEntries(inner) };
}
