/** What all targets of one family are read with. */
import { type Location, parseLocation } from '../../content/oci/reference.ts';
import { parseRules } from '../tags/rule.ts';
import { oncePerText } from './once-per-text.ts';
import { readPlatform } from './platform-names.ts';
import type { YamlSource } from './yaml.ts';

/** Beside the target itself. */
export interface TargetContext {
  readonly source: YamlSource;
  /** The family's folder, absolute: layouts' paths are relative to it. */
  readonly root: string;
  /** The family's own `staging`. */
  readonly staging: string | undefined;
  /** @throws FanfoldError `content.reference` */
  readonly parseLocation: (text: string) => Location;
  readonly readPlatform: (text: string) => ReturnType<typeof readPlatform>;
  /** Equal texts give the same list of rules. */
  readonly parseRules: (text: string) => ReturnType<typeof parseRules>;
}

/** The context of the targets of `source`. */
export function targetContext(source: YamlSource, root: string, staging: string | undefined): TargetContext {
  return {
    source,
    root,
    staging,
    parseLocation: oncePerText(parseLocation),
    readPlatform: oncePerText(readPlatform),
    parseRules: oncePerText(parseRules),
  };
}
