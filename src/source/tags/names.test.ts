import fc from 'fast-check';
import { test } from 'vitest';
import { gitEvent } from '../../../test/support/git-events.ts';
import { isFanfoldError } from '../../base/errors/error.ts';
import type { GitEvent } from './event.ts';
import { createTagNamer, type TagNamer } from './names.ts';
import { parseTagRules } from './parse.ts';
import { resolveTags } from './resolve.ts';
import type { TagRules } from './rules.ts';

const lines = [
  'type=ref,event=branch',
  'type=ref,event=pr',
  'type=semver,pattern={{version}}',
  'type=semver,pattern={{major}}',
  'type=sha',
  'type=raw,value=latest',
  'type=raw,value={{tag}}',
  'type=raw,value={{branch}}+,suffix=',
  'type=raw,value=x,suffix=-own',
  'type=edge,prefix=e-',
  `type=raw,value=${'long'.repeat(27)}`,
];
const suffixes = ['', '-slim', '-cuda-12', '-a b', '.x', 'plain', '-{{sha}}', `-${'s'.repeat(60)}`];
const flavors = ['latest=true', 'latest=auto', 'latest=false', 'prefix=p-', 'prefix=p-,onlatest=true'];
const events = ['branch-main', 'branch-with-odd-characters', 'tag-v1.4.2', 'tag-nightly', 'pull-request', 'schedule'];

/** The names, or what is wrong with them. */
function namesOr(namer: TagNamer, tags: TagRules, event: GitEvent): readonly string[] | string {
  try {
    return namer(tags, event);
  } catch (error) {
    if (isFanfoldError(error)) return error.message;
    throw error;
  }
}

test('names are those of the tags, whatever was named before', async ({ expect }) => {
  const known = await Promise.all(events.map(gitEvent));
  const some = fc.uniqueArray(fc.constantFrom(...lines), { maxLength: 4 });
  const last = fc.array(fc.tuple(fc.constantFrom(...suffixes), fc.boolean()), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(some, fc.constantFrom(...flavors), last, (rules, flavor, targets) => {
      const namer = createTagNamer();
      const { rules: shared } = parseTagRules(rules.join('\n'));
      for (const [suffix, onLatest] of targets) {
        const written = suffix === '' ? flavor : `${flavor}\nsuffix=${suffix},onlatest=${onLatest}`;
        const tags = { rules: shared.rules, flavor: parseTagRules('', written).rules.flavor };
        for (const event of known) {
          const plain: TagNamer = (one, at) => resolveTags(one, at).map(({ name }) => name);
          expect(namesOr(namer, tags, event)).toEqual(namesOr(plain, tags, event));
        }
      }
    }),
    { numRuns: 100 },
  );
});
