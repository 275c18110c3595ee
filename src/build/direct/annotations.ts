/** Annotations of a target: those that its image's manifest carries. */
import { formatPlatform, normalizePlatform, type Platform, parsePlatform } from '../../content/oci/platform.ts';

/** Buildx's `manifest,index[linux/amd64]:name`: kinds, perhaps a platform, the name. */
const form = /^(?<kinds>[a-z,-]+)(?:\[(?<platform>[^\]]+)\])?:(?<name>.+)$/;
const kinds = new Set(['manifest', 'manifest-descriptor', 'index', 'index-descriptor']);

/**
 * The manifest's own among annotations as Buildx takes them: `name`, `manifest:name` and `manifest[platform]:name` for this platform.
 * @throws FanfoldError `content.platform`
 */
export function annotationsOf(
  written: Readonly<Record<string, string>>,
  platform: Platform,
): Readonly<Record<string, string>> {
  const entries = Object.entries(written).flatMap(([name, value]): [string, string][] => {
    const parts = form.exec(name)?.groups;
    const meant = parts?.['kinds']?.split(',') ?? [];
    if (parts === undefined || !meant.every((kind) => kinds.has(kind))) return [[name, value]];
    if (!meant.includes('manifest')) return [];
    const only = parts['platform'];
    const isMeant =
      only === undefined || formatPlatform(parsePlatform(only)) === formatPlatform(normalizePlatform(platform));
    return isMeant && parts['name'] !== undefined ? [[parts['name'], value]] : [];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
