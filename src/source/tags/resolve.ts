/** Tag rules and a GitEvent to tags: which may move, in what order, and which name one thing for good. */
import { FanfoldError } from '../../base/errors/error.ts';
import { branchOf, type GitEvent, gitTagOf, pullRequestOf } from './event.ts';
import { expressionValues } from './expressions.ts';
import type { TagRule, TagRules } from './rules.ts';
import { type ExpressionName, isPlain, parseTemplate, renderTemplate, type TemplateKind } from './template.ts';
import { readVersion, type Version } from './version.ts';
import { type FoundVersion, findMatch, findPep440, findSemver, versionOfMatch } from './versions.ts';

/** What a moving tag never goes back in: the commits of a ref, or versions. */
export type TagOrder =
  | { readonly by: 'commit' /** The event's ref; '' where a commit stands alone. */; readonly ref: string }
  | ({ readonly by: 'version' } & Version);

/** A tag that a publication gives. */
export interface ResolvedTag {
  readonly name: string;
  /**
   * `immutable` names one thing for good: a Git tag, a commit, a whole version (`1.4.2`, any pre-release, `{{raw}}`), a raw name with
   * `{{sha}}` or `{{tag}}` in it. All else moves: branches, `latest`, `1`, `1.4`, edge, schedules (dated ones too), pull requests.
   */
  readonly kind: 'moving' | 'immutable';
  /** Where an event has a version, `1` and `latest` follow versions; else commits. */
  readonly order: TagOrder;
  /** The rule that made it, as written; of `latest`, the one that it follows from. */
  readonly rule: string;
}

/**
 * The tags of a publication, the first one the image's version, `latest` last, no name twice: what docker/metadata-action makes of
 * the same rules, flavor and event.
 * @throws FanfoldError `config.tag-name` where a rule makes what no registry takes as a tag, `config.tag-rule` where `enable` comes to
 * neither true nor false
 */
export function resolveTags({ rules, flavor }: TagRules, event: GitEvent): readonly ResolvedTag[] {
  const context: Context = { event, flavor };
  const made = rules.flatMap((rule) => {
    const candidate = isEnabled(rule, context) ? applyRule(rule, context) : undefined;
    return candidate === undefined || candidate.name === '' ? [] : [candidate];
  });
  const tags = made.map(({ name, kind, order, rule }) => ({ name: tagName(name, rule), kind, order, rule }));
  const latest = latestTag(made[0], context);
  return withoutRepetition(latest === undefined ? tags : [...tags, latest]);
}

interface Context {
  readonly event: GitEvent;
  readonly flavor: TagRules['flavor'];
}

/** What a rule makes, its name not yet checked; `latest` is what `latest=auto` comes to after it. */
interface Candidate extends ResolvedTag {
  readonly latest: boolean;
}

function applyRule(rule: TagRule, context: Context): Candidate | undefined {
  const { event } = context;
  switch (rule.type) {
    case 'schedule':
      if (!event.kind.includes('schedule')) return undefined;
      return candidate(rule, context, { value: render(rule, 'pattern', 'schedule', event) });
    case 'semver':
      return versionCandidate(rule, context, findSemver);
    case 'pep440':
      return versionCandidate(rule, context, findPep440);
    case 'match':
      return matchCandidate(rule, context);
    case 'edge':
      return isEdge(rule, event) ? candidate(rule, context, { value: 'edge' }) : undefined;
    case 'ref':
      return refCandidate(rule, context);
    case 'raw':
      return candidate(rule, context, { value: render(rule, 'value', 'event', event) });
    case 'sha': {
      const value = rule.attributes['format'] === 'long' ? event.sha : event.shortSha;
      return event.sha === '' ? undefined : candidate(rule, context, { value, immutable: true });
    }
    default:
      return rule.type satisfies never;
  }
}

function isEdge(rule: TagRule, event: GitEvent): boolean {
  const branch = branchOf(event);
  return branch !== undefined && branch === (rule.attributes['branch'] || event.defaultBranch);
}

function refCandidate(rule: TagRule, context: Context): Candidate | undefined {
  const { event } = context;
  const wanted = rule.attributes['event'];
  const isTag = wanted === 'tag';
  const value = isTag ? gitTagOf(event) : wanted === 'pr' ? pullRequestOf(event) : branchOf(event);
  return value === undefined ? undefined : candidate(rule, context, { value, immutable: isTag, latest: isTag });
}

function versionCandidate(
  rule: TagRule,
  context: Context,
  find: (rule: TagRule, subject: string) => FoundVersion | undefined,
): Candidate | undefined {
  const subject = subjectOf(rule, context.event);
  const found = subject === undefined ? undefined : find(rule, subject);
  if (found === undefined) return undefined;
  const { scheme, version, final, parts } = found;
  const names = expressionsOf(rule.attributes['pattern'] ?? '', 'version');
  const isRaw = /^\{\{\{?\s*raw\s*\}?\}\}$/.test(rule.attributes['pattern'] ?? '');
  const whole = isRaw ? parts.raw : parts.version;
  return candidate(rule, context, {
    value: final ? render(rule, 'pattern', 'version', context.event, parts) : (whole ?? ''),
    immutable: !final || namesWholeVersion(names, found),
    latest: final,
    version: { scheme, version },
  });
}

function namesWholeVersion(names: ReadonlySet<ExpressionName>, { isThreeParts }: FoundVersion): boolean {
  if (names.has('raw') || names.has('version')) return true;
  return isThreeParts && names.has('major') && names.has('minor') && names.has('patch');
}

function matchCandidate(rule: TagRule, context: Context): Candidate | undefined {
  const subject = subjectOf(rule, context.event);
  const found = subject === undefined ? undefined : findMatch(rule, subject);
  if (subject === undefined || found === undefined) return undefined;
  const version = versionOfMatch(found.text, subject);
  return candidate(rule, context, {
    value: found.text,
    immutable: found.isWhole,
    latest: true,
    ...(version === undefined ? {} : { version }),
  });
}

/** What a version is read from: the rule's value where it has one, else the Git tag; undefined where there is neither. */
function subjectOf(rule: TagRule, event: GitEvent): string | undefined {
  return (rule.attributes['value'] ?? '') === '' ? gitTagOf(event) : render(rule, 'value', 'event', event);
}

function candidate(
  rule: TagRule,
  { event, flavor }: Context,
  made: { value: string; immutable?: boolean; latest?: boolean; version?: Version },
): Candidate {
  const { prefix = flavor.prefix, suffix = flavor.suffix, value = '' } = rule.attributes;
  const names = expressionsOf(prefix + suffix + value, 'event');
  const namesOne = names.has('sha') || (names.has('tag') && gitTagOf(event) !== undefined);
  return {
    name: `${renderText(prefix, event, rule)}${made.value}${renderText(suffix, event, rule)}`,
    kind: made.immutable === true || namesOne ? 'immutable' : 'moving',
    order: orderOf(event, made.version),
    rule: rule.text,
    latest: flavor.latest === 'auto' ? made.latest === true : flavor.latest === 'true',
  };
}

function orderOf(event: GitEvent, found: Version | undefined): TagOrder {
  const gitTag = gitTagOf(event);
  const version = found ?? (gitTag === undefined ? undefined : readVersion(gitTag));
  return version === undefined ? { by: 'commit', ref: event.ref } : { by: 'version', ...version };
}

function latestTag(main: Candidate | undefined, { event, flavor }: Context): ResolvedTag | undefined {
  if (main === undefined || !main.latest) return undefined;
  const prefix = flavor.prefixLatest ? renderText(flavor.prefix, event) : '';
  const suffix = flavor.suffixLatest ? renderText(flavor.suffix, event) : '';
  const { order, rule } = main;
  return { name: tagName(`${prefix}latest${suffix}`, rule), kind: 'moving', order, rule };
}

/** The first of each name; one that any rule makes immutable is so. */
function withoutRepetition(tags: readonly ResolvedTag[]): readonly ResolvedTag[] {
  const immutable = new Set(tags.filter(({ kind }) => kind === 'immutable').map(({ name }) => name));
  const first = new Map<string, ResolvedTag>();
  for (const tag of tags) {
    if (!first.has(tag.name)) first.set(tag.name, immutable.has(tag.name) ? { ...tag, kind: 'immutable' } : tag);
  }
  return [...first.values()];
}

function isEnabled(rule: TagRule, { event }: Context): boolean {
  if (rule.attributes['enable'] === 'true') return true;
  const enabled = render(rule, 'enable', 'event', event);
  if (enabled === 'true' || enabled === 'false') return enabled === 'true';
  throw new FanfoldError('config.tag-rule', `enable comes to ${JSON.stringify(enabled)} in the tag rule ${rule.text}`, {
    hint: 'let it come to true or false',
  });
}

/** Runs of what a tag cannot hold become one dash, as in metadata-action; what is still no tag is an error, as a registry would refuse it. */
function tagName(name: string, rule: string): string {
  const sane = name.replace(/[^a-zA-Z0-9._-]+/g, '-');
  if (/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(sane)) return sane;
  throw new FanfoldError('config.tag-name', `the tag rule ${rule} makes ${JSON.stringify(sane)}, which is no tag`, {
    place: { tag: sane },
    hint: 'a tag has at most 128 characters and begins with a letter, a digit or _: give the rule a prefix or a shorter value',
  });
}

function render(
  rule: TagRule,
  attribute: string,
  kind: TemplateKind,
  event: GitEvent,
  more: Readonly<Partial<Record<ExpressionName, string>>> = {},
): string {
  const text = rule.attributes[attribute] ?? '';
  return isPlain(text) ? text : renderTemplate(partsOf(text, kind, rule), expressionValues(event, more));
}

function renderText(text: string, event: GitEvent, rule?: TagRule): string {
  return isPlain(text) ? text : renderTemplate(partsOf(text, 'event', rule), expressionValues(event));
}

const noNames: ReadonlySet<ExpressionName> = new Set();

function expressionsOf(text: string, kind: TemplateKind): ReadonlySet<ExpressionName> {
  if (isPlain(text)) return noNames;
  return new Set(partsOf(text, kind).flatMap((part) => (part.kind === 'expression' ? [part.name] : [])));
}

function partsOf(text: string, kind: TemplateKind, rule?: TagRule): ReturnType<typeof parseTemplate>['parts'] {
  const { parts, mistakes } = parseTemplate(text, kind);
  const [first] = mistakes;
  if (first === undefined) return parts;
  throw new FanfoldError('config.tag-rule', `${first.message} in ${rule?.text ?? text}`, { hint: first.hint });
}
