/** Python's versions (PEP 440): read, normalized, compared. */

/** A version, its parts normalized. */
export interface Pep440Version {
  readonly epoch: number;
  /** At least one number. */
  readonly release: readonly number[];
  readonly pre?: { readonly phase: 'a' | 'b' | 'rc'; readonly number: number };
  readonly post?: number;
  readonly dev?: number;
  readonly local?: string;
}

// PEP 440, Appendix B: every spelling that is accepted before normalization.
const form = new RegExp(
  [
    '^\\s*v?(?:(?<epoch>\\d{1,15})!)?(?<release>\\d{1,15}(?:\\.\\d{1,15}){0,63})',
    '(?:[-_.]?(?<phase>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>\\d{0,15}))?',
    '(?<post>-(?<implicit>\\d{1,15})|[-_.]?(?:post|rev|r)[-_.]?(?<explicit>\\d{0,15}))?',
    '(?<dev>[-_.]?dev[-_.]?(?<devNumber>\\d{0,15}))?',
    '(?:\\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+){0,63}))?\\s*$',
  ].join(''),
  'i',
);
const maxLength = 256;

/** The version that `text` spells, however it spells it; undefined where it is none. */
export function parsePep440(text: string): Pep440Version | undefined {
  const groups = text.length > maxLength ? undefined : form.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { epoch, release, phase, pre, post, implicit, explicit, dev, devNumber, local } = groups;
  return {
    epoch: Number(epoch ?? 0),
    release: (release ?? '').split('.').map(Number),
    ...(phase === undefined ? {} : { pre: { phase: normalPhase(phase), number: Number(pre ?? 0) } }),
    ...(post === undefined ? {} : { post: Number(implicit ?? explicit ?? 0) }),
    ...(dev === undefined ? {} : { dev: Number(devNumber ?? 0) }),
    ...(local === undefined ? {} : { local: local.toLowerCase().replace(/[-_]/g, '.') }),
  };
}

/** The version in its normal form. */
export function formatPep440(version: Pep440Version): string {
  const { epoch, release, pre, post, dev, local } = version;
  return [
    epoch === 0 ? '' : `${epoch}!`,
    release.join('.'),
    pre === undefined ? '' : `${pre.phase}${pre.number}`,
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local === undefined ? '' : `+${local}`,
  ].join('');
}

/** Whether it is a final release: neither a pre-release, nor a post-release, nor one of development. */
export function isFinal(version: Pep440Version): boolean {
  return version.pre === undefined && version.post === undefined && version.dev === undefined;
}

/** The order of PEP 440, "Summary of permitted suffixes and relative ordering": negative where `a` is the older one. */
export function comparePep440(a: Pep440Version, b: Pep440Version): number {
  return a.epoch - b.epoch || compareLists(trimZeros(a.release), trimZeros(b.release)) || compareSuffixes(a, b);
}

function compareSuffixes(a: Pep440Version, b: Pep440Version): number {
  return (
    compareLists(preRank(a), preRank(b)) ||
    (a.post ?? -1) - (b.post ?? -1) ||
    (a.dev ?? Number.POSITIVE_INFINITY) - (b.dev ?? Number.POSITIVE_INFINITY) ||
    compareLocals(a.local, b.local)
  );
}

/** A development release of the release itself comes before its pre-releases; the release after them. */
function preRank({ pre, post, dev }: Pep440Version): readonly number[] {
  if (pre !== undefined) return [['a', 'b', 'rc'].indexOf(pre.phase), pre.number];
  return [post === undefined && dev !== undefined ? -1 : 3, 0];
}

/** Numbers come after words, more segments after fewer. */
function compareLocals(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 0 : 1) - (b === undefined ? 0 : 1);
  const [left, right] = [a.split('.'), b.split('.')];
  for (const [place, word] of left.entries()) {
    const other = right[place];
    if (other === undefined) return 1;
    const order = compareSegments(word, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareSegments(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Number(a) - Number(b);
  if (left !== right) return left ? 1 : -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const order = (a[place] ?? 0) - (b[place] ?? 0);
    if (order !== 0) return order;
  }
  return 0;
}

function trimZeros(release: readonly number[]): readonly number[] {
  const last = release.findLastIndex((number) => number !== 0);
  return release.slice(0, last + 1);
}

function normalPhase(phase: string): 'a' | 'b' | 'rc' {
  const lower = phase.toLowerCase();
  return lower === 'a' || lower === 'alpha' ? 'a' : lower === 'b' || lower === 'beta' ? 'b' : 'rc';
}
