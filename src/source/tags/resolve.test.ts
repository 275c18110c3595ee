import { describe, test } from 'vitest';
import { gitEvent } from '../../../test/support/git-events.ts';
import { parseTagRules } from './parse.ts';
import { type ResolvedTag, resolveTags } from './resolve.ts';

// One row to a line: event (test/fixtures/events) | rules, `;` between them | flavor | tags in order, `!` after an immutable one.
// Every row was also given to docker/metadata-action itself, and gave the same tags.
const tables = {
  'default rules': `
    branch-main                |  |  | main
    branch-release             |  |  | release-1.4
    branch-with-slash          |  |  | feature-brass-fittings
    branch-with-odd-characters |  |  | fix-12-gr-n_-2-
    branch-with-markup         |  |  | a-b-c
    tag-v1.4.2                 |  |  | v1.4.2! latest
    tag-nightly                |  |  | nightly! latest
    tag-cli-v3.1.0             |  |  | cli-v3.1.0! latest
    tag-v2.0.0-rc.1            |  |  | v2.0.0-rc.1! latest
    tag-v1.4.2-build           |  |  | v1.4.2-build.5! latest
    pull-request               |  |  | pr-318
    pull-request-target        |  |  | pr-318
    schedule                   |  |  | nightly main
    dispatch-main              |  |  | main
    dispatch-branch            |  |  | release-1.4
    dispatch-tag               |  |  | v1.4.2! latest
    release                    |  |  | v1.4.2! latest
    merge-group                |  |  | gh-readonly-queue-main-pr-318-4be1c7a90d2f35e86b7714cd20a9f3e5d8c60b12
    issues                     |  |  | main
    gitlab-branch              |  |  | main
    gitlab-tag                 |  |  | v1.4.2! latest
    gitlab-merge-request       |  |  | pr-41
    gitlab-schedule            |  |  | nightly main
    gitlab-web                 |  |  | release-1.4
  `,
  'type=ref': `
    branch-main         | type=ref,event=branch |  | main
    branch-main         | type=ref,event=tag    |  |
    branch-main         | type=ref,event=pr     |  |
    tag-v1.4.2          | type=ref,event=branch |  |
    tag-v1.4.2          | type=ref,event=tag    |  | v1.4.2! latest
    pull-request        | type=ref,event=branch |  |
    pull-request        | type=ref,event=pr     |  | pr-318
    pull-request        | type=ref,event=pr,prefix= |  | 318
    pull-request        | type=ref,event=pr,prefix=mr- |  | mr-318
    pull-request        | type=ref,event=pr,suffix=-test |  | pr-318-test
    branch-with-slash   | type=ref,event=branch,prefix=b- |  | b-feature-brass-fittings
    branch-with-at      | type=ref,event=branch,prefix=b |  | b-scope
    schedule            | type=ref,event=branch |  | main
    branch-main         | type=ref,event=branch,enable=false |  |
    branch-main         | type=ref,event=branch,enable=true |  | main
    branch-main         | TYPE=ref,Event=branch |  | main
    branch-main         | event=branch , type=ref |  | main
    branch-main         | type=ref,event=branch,suffix=-{{sha}} |  | main-4be1c7a!
    branch-main         | type=ref,event=branch,suffix=-{{date 'YYYYMMDD'}} |  | main-20260301
    tag-cli-v3.1.0      | type=ref,event=tag,suffix=-x |  | cli-v3.1.0-x! latest
  `,
  'type=semver': `
    tag-v1.4.2       | type=semver,pattern={{version}} |  | 1.4.2! latest
    tag-1.4.2        | type=semver,pattern={{version}} |  | 1.4.2! latest
    tag-v1.4.2       | type=semver,pattern={{raw}} |  | v1.4.2! latest
    tag-v1.4.2       | type=semver,pattern={{{raw}}} |  | v1.4.2! latest
    tag-v1.4.2       | type=semver,pattern={{ version }} |  | 1.4.2! latest
    tag-v1.4.2       | type=semver,pattern={{major}} |  | 1 latest
    tag-v1.4.2       | type=semver,pattern={{minor}} |  | 4 latest
    tag-v1.4.2       | type=semver,pattern={{patch}} |  | 2 latest
    tag-v1.4.2       | type=semver,pattern={{major}}.{{minor}} |  | 1.4 latest
    tag-v1.4.2       | type=semver,pattern=v{{major}} |  | v1 latest
    tag-v1.4.2       | type=semver,pattern=v{{major}}.{{minor}}.{{patch}} |  | v1.4.2! latest
    tag-v1.4.2       | type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}} ; type=semver,pattern={{major}} |  | 1.4.2! 1.4 1 latest
    tag-v1.4.2       | type=semver,pattern=fixed |  | fixed latest
    tag-v0.9.0       | type=semver,pattern={{version}} ; type=semver,pattern={{major}} |  | 0.9.0! 0 latest
    tag-v2.0.0-rc.1  | type=semver,pattern={{version}} |  | 2.0.0-rc.1!
    tag-v2.0.0-rc.1  | type=semver,pattern={{raw}} |  | v2.0.0-rc.1!
    tag-v2.0.0-rc.1  | type=semver,pattern=v{{raw}} |  | 2.0.0-rc.1!
    tag-v2.0.0-rc.1  | type=semver,pattern={{major}} |  | 2.0.0-rc.1!
    tag-v2.0.0-rc.1  | type=semver,pattern={{version}} ; type=semver,pattern={{major}}.{{minor}} ; type=semver,pattern={{major}} |  | 2.0.0-rc.1!
    tag-v2.0.0-rc.1  | type=semver,pattern={{version}} | latest=true | 2.0.0-rc.1! latest
    tag-v2.0.0-beta.67 | type=semver,pattern={{major}}.{{minor}},prefix=r |  | r2.0.0-beta.67!
    tag-v1.4.2-build | type=semver,pattern={{version}} |  | 1.4.2! latest
    tag-v1.4.2-build | type=semver,pattern={{raw}} |  | v1.4.2-build.5! latest
    tag-cli-v3.1.0   | type=semver,pattern={{version}} |  |
    tag-cli-v3.1.0   | type=semver,pattern={{version}},match=cli/v(.*) |  | 3.1.0! latest
    tag-cli-v3.1.0   | type=semver,pattern={{major}}.{{minor}},match=v(\\d+\\.\\d+\\.\\d+)$ |  | 3.1 latest
    tag-cli-v3.1.0   | type=semver,pattern={{raw}},match=cli/(.*) |  | v3.1.0! latest
    tag-v1.4.2       | type=semver,pattern={{version}},match=cli/v(.*) |  | 1.4.2! latest
    tag-2.1          | type=semver,pattern={{version}} |  |
    tag-2.1rc2       | type=semver,pattern={{version}} |  |
    tag-nightly      | type=semver,pattern={{version}} |  |
    branch-main      | type=semver,pattern={{version}} |  |
    branch-main      | type=semver,pattern={{version}},value=v5.6.7 |  | 5.6.7! latest
    branch-main      | type=semver,pattern={{major}}.{{minor}},value=v5.6.7 |  | 5.6 latest
    branch-main      | type=semver,pattern={{version}},value=lib/v5.6.7,match=lib/(.*) |  | 5.6.7! latest
    branch-main      | type=semver,pattern={{version}},value=5.6.7-alpha.1 |  | 5.6.7-alpha.1!
    branch-release   | type=semver,pattern={{version}},value={{branch}} |  |
    pull-request     | type=semver,pattern={{version}} |  |
    schedule         | type=semver,pattern={{version}} |  |
    tag-v1.4.2       | type=semver,pattern={{version}},enable={{is_default_branch}} |  |
    tag-v1.4.2       | type=semver,pattern={{version}},prefix=v |  | v1.4.2! latest
    tag-v1.4.2       | type=semver,pattern={{version}},suffix=-alpine |  | 1.4.2-alpine! latest
    gitlab-tag       | type=semver,pattern={{major}} |  | 1 latest
    dispatch-tag     | type=semver,pattern={{major}} |  | 1 latest
  `,
  'type=pep440': `
    tag-v1.4.2     | type=pep440,pattern={{version}} |  | 1.4.2! latest
    tag-v1.4.2     | type=pep440,pattern={{raw}} |  | v1.4.2! latest
    tag-v1.4.2     | type=pep440,pattern={{major}}.{{minor}} |  | 1.4 latest
    tag-v1.4.2     | type=pep440,pattern={{major}}.{{minor}}.{{patch}} |  | 1.4.2! latest
    tag-2.1        | type=pep440,pattern={{version}} |  | 2.1! latest
    tag-2.1        | type=pep440,pattern={{major}}.{{minor}}.{{patch}} |  | 2.1.0! latest
    tag-1.2.3.4    | type=pep440,pattern={{version}} |  | 1.2.3.4! latest
    tag-1.2.3.4    | type=pep440,pattern={{major}}.{{minor}}.{{patch}} |  | 1.2.3 latest
    tag-2.1rc2     | type=pep440,pattern={{version}} |  | 2.1rc2!
    tag-2.1rc2     | type=pep440,pattern={{raw}} |  | 2.1rc2!
    tag-2.1rc2     | type=pep440,pattern={{major}}.{{minor}} |  | 2.1rc2!
    tag-2.1.post3  | type=pep440,pattern={{major}} |  | 2.1.post3!
    tag-2.1dev4    | type=pep440,pattern={{major}}.{{minor}} |  | 2.1.dev4!
    tag-2.1dev4    | type=pep440,pattern={{raw}} |  | 2.1dev4!
    tag-v2.0.0-beta.67 | type=pep440,pattern={{version}} |  | 2.0.0b67!
    tag-v2.0.0-rc.1 | type=pep440,pattern={{version}} | latest=true | 2.0.0rc1! latest
    tag-date       | type=pep440,pattern={{version}} |  | 20260228rc2!
    tag-local      | type=pep440,pattern={{version}} |  | 1.4.2-ubuntu-1! latest
    tag-local      | type=pep440,pattern={{major}} |  | 1 latest
    tag-nightly    | type=pep440,pattern={{version}} |  |
    tag-cli-v3.1.0 | type=pep440,pattern={{version}},match=v(.*) |  | 3.1.0! latest
    branch-main    | type=pep440,pattern={{version}} |  |
    branch-main    | type=pep440,pattern={{version}},value=1.0 |  | 1.0! latest
    branch-main    | type=pep440,pattern={{version}},value=1.0a |  | 1.0a0!
    branch-release | type=pep440,pattern={{major}},value={{branch}},match=release-(.*) |  | 1 latest
  `,
  'type=match': `
    tag-v1.4.2      | type=match,pattern=\\d+\\.\\d+ |  | 1.4 latest
    tag-v1.4.2      | type=match,pattern=v(.*),group=1 |  | 1.4.2! latest
    tag-v1.4.2      | type=match,pattern=v(\\d+)\\.(\\d+),group=2 |  | 4 latest
    tag-v1.4.2      | type=match,pattern=.* |  | v1.4.2! latest
    tag-v1.4.2      | type=match,pattern=/V\\d/i |  | v1 latest
    tag-v1.4.2      | type=match,pattern=V\\d |  |
    tag-cli-v3.1.0  | type=match,pattern=cli/v(.*),group=1 |  | 3.1.0! latest
    tag-cli-v3.1.0  | type=match,pattern=(.*)/v,group=1 |  | cli latest
    tag-date        | type=match,pattern=\\d{8} |  | 20260228 latest
    tag-date        | type=match,"pattern=^\\d{4,8}" |  | 20260228 latest
    tag-date        | type=match,pattern=\\d{8} | latest=false | 20260228
    tag-v2.0.0-rc.1 | type=match,pattern=v(.*),group=1 |  | 2.0.0-rc.1! latest
    tag-v2.0.0-rc.1 | type=match,pattern=v(\\d\\.\\d),group=1 |  | 2.0 latest
    tag-nightly     | type=match,pattern=\\d+ |  |
    tag-nightly     | type=match,pattern=night(\\d)?,group=1 |  |
    branch-main     | type=match,pattern=.* |  |
    branch-release  | type=match,pattern=\\d.*,value={{branch}} |  | 1.4 latest
    branch-main     | type=match,pattern=x(.*),value=xyz,group=1 |  | yz latest
    tag-v1.4.2      | type=match,pattern=\\d,prefix=n,suffix=m |  | n1m latest
  `,
  'type=edge': `
    branch-main     | type=edge |  | edge
    branch-release  | type=edge |  |
    branch-release  | type=edge,branch=release-1.4 |  | edge
    branch-main     | type=edge,branch=release-1.4 |  |
    branch-with-slash | type=edge,branch=feature/brass-fittings |  | edge
    tag-v1.4.2      | type=edge |  |
    pull-request    | type=edge |  |
    schedule        | type=edge |  | edge
    dispatch-main   | type=edge |  | edge
    gitlab-branch   | type=edge |  | edge
    branch-main     | type=edge,prefix=a-,suffix=-b |  | a-edge-b
    branch-main     | type=edge ; type=ref,event=branch |  | edge main
    branch-main     | type=edge ; type=ref,event=branch,priority=2000 |  | main edge
  `,
  'type=schedule': `
    schedule        | type=schedule |  | nightly
    schedule        | type=schedule,pattern=weekly |  | weekly
    schedule        | type=schedule,pattern={{date 'YYYYMMDD'}} |  | 20260301
    schedule        | type=schedule,pattern={{date 'YYYYMMDD' tz='America/New_York'}} |  | 20260228
    schedule        | type=schedule,pattern={{date 'YYYYMMDD-HHmmss' tz='Asia/Tokyo'}} |  | 20260301-110304
    schedule        | type=schedule,pattern={{date 'GGGG-[W]WW' tz='UTC'}} |  | 2026-W09
    schedule        | type=schedule,pattern=n{{commit_date 'X'}} |  | n1772330584
    schedule        | type=schedule,pattern={{date 'YYYYMMDD'}},prefix=n- |  | n-20260301
    schedule        | type=schedule | latest=true | nightly latest
    schedule        | type=schedule ; type=sha |  | nightly sha-4be1c7a!
    gitlab-schedule | type=schedule |  | nightly
    branch-main     | type=schedule |  |
    tag-v1.4.2      | type=schedule |  |
    dispatch-main   | type=schedule |  |
  `,
  'type=raw': `
    branch-main    | type=raw,value=dev |  | dev
    branch-main    | type=raw,dev |  | dev
    branch-main    | dev |  | dev
    branch-main    | dev ; stable |  | dev stable
    branch-main    | dev ; dev |  | dev
    branch-main    | dev,enable=false ; stable |  | stable
    branch-main    | type=raw,value=a b/c |  | a-b-c
    branch-main    | type=raw,value=latest,enable={{is_default_branch}} |  | latest
    branch-release | type=raw,value=latest,enable={{is_default_branch}} |  |
    branch-release | type=raw,value=other,enable={{is_not_default_branch}} |  | other
    schedule       | type=raw,value=latest,enable={{is_default_branch}} |  | latest
    issues         | type=raw,value=latest,enable={{is_default_branch}} |  | latest
    create-branch  | type=raw,value=latest,enable={{is_default_branch}} |  | latest
    tag-v1.4.2     | type=raw,value=latest,enable={{is_default_branch}} |  |
    pull-request   | type=raw,value=latest,enable={{is_default_branch}} |  |
    gitlab-branch  | type=raw,value=latest,enable={{is_default_branch}} |  | latest
    gitlab-web     | type=raw,value=latest,enable={{is_default_branch}} |  |
    branch-main    | type=raw,value={{branch}}-{{sha}} |  | main-4be1c7a!
    branch-with-slash | type=raw,value={{branch}} |  | feature-brass-fittings
    branch-with-markup | type=raw,value={{branch}} |  | a-x3D-b-amp-c
    branch-with-markup | type=raw,value={{{branch}}} |  | a-b-c
    tag-v1.4.2     | type=raw,value=img-{{tag}} |  | img-v1.4.2!
    branch-main    | type=raw,value=img-{{tag}} |  | img-
    branch-main    | type=raw,value={{tag}} |  |
    pull-request   | type=raw,value=for-{{base_ref}} |  | for-main
    tag-v1.4.2     | type=raw,value=from-{{base_ref}} |  | from-main
    branch-main    | type=raw,value=b{{base_ref}} |  | b
    gitlab-merge-request | type=raw,value=for-{{base_ref}} |  | for-main
    branch-main    | type=raw,"value={{date 'dddd, MMMM Do YYYY'}}" |  | Sunday-March-1st-2026
    branch-main    | type=raw,value={{date 'h_mm_ss a'}} |  | 2_03_04-am
    branch-main    | type=raw,value={{commit_date 'YYYY-MM-DD'}} |  | 2026-02-28
    branch-main    | type=raw,value={{commit_date 'HHmm' tz='Europe/Lisbon'}} |  | 2230
    tag-v1.4.2     | stable |  | stable
    tag-v1.4.2     | latest |  | latest
  `,
  'type=sha': `
    branch-main  | type=sha |  | sha-4be1c7a!
    branch-main  | type=sha,format=short |  | sha-4be1c7a!
    branch-main  | type=sha,format=long |  | sha-4be1c7a90d2f35e86b7714cd20a9f3e5d8c60b12!
    branch-main  | type=sha,prefix= |  | 4be1c7a!
    branch-main  | type=sha,prefix=git-,suffix=-x |  | git-4be1c7a-x!
    branch-main  | type=sha,prefix={{branch}}- |  | main-4be1c7a!
    tag-v1.4.2   | type=sha |  | sha-a93d0f6!
    pull-request | type=sha |  | sha-0c5f9e8!
    branch-main  | type=ref,event=branch ; type=sha |  | main sha-4be1c7a!
    tag-v1.4.2   | type=sha ; type=semver,pattern={{version}} |  | 1.4.2! sha-a93d0f6! latest
    gitlab-web   | type=sha,format=long,prefix= |  | a93d0f6e2b8c417d5e60913fbb7a24c8d01f5e3a!
  `,
  flavor: `
    tag-v1.4.2   | type=semver,pattern={{version}} | latest=false | 1.4.2!
    tag-v1.4.2   | type=semver,pattern={{version}} | latest=auto | 1.4.2! latest
    branch-main  | type=ref,event=branch | latest=true | main latest
    branch-main  | type=ref,event=tag | latest=true |
    tag-v1.4.2   | type=semver,pattern={{version}} | suffix=-cuda-12-vllm | 1.4.2-cuda-12-vllm! latest
    tag-v1.4.2   | type=semver,pattern={{version}} | suffix=-cuda-12-vllm-omni,onlatest=true | 1.4.2-cuda-12-vllm-omni! latest-cuda-12-vllm-omni
    tag-v1.4.2   | type=semver,pattern={{version}} | suffix= | 1.4.2! latest
    tag-v1.4.2   | type=semver,pattern={{version}} | prefix=foo- | foo-1.4.2! latest
    tag-v1.4.2   | type=semver,pattern={{version}} | prefix=foo-,onlatest=true | foo-1.4.2! foo-latest
    tag-v1.4.2   | type=semver,pattern={{version}} | prefix=a-,onlatest=true ; suffix=-z,onlatest=true | a-1.4.2-z! a-latest-z
    tag-v1.4.2   | type=semver,pattern={{version}} | prefix=a-,onlatest=true,suffix=-z | a-1.4.2-z! a-latest
    tag-v1.4.2   | type=semver,pattern={{version}},suffix=-own | suffix=-slim,onlatest=true | 1.4.2-own! latest-slim
    tag-v1.4.2   | type=semver,pattern={{version}},suffix= | suffix=-slim | 1.4.2! latest
    branch-main  | type=sha | prefix=p- | sha-4be1c7a!
    pull-request | type=ref,event=pr | prefix=p- ; suffix=-s | pr-318-s
    branch-main  | type=ref,event=branch | suffix=-{{sha}} | main-4be1c7a!
    branch-main  | type=edge ; dev ; type=ref,event=branch | suffix=-arm | edge-arm main-arm dev-arm
    tag-v1.4.2   | latest ; type=semver,pattern={{version}} |  | 1.4.2! latest
    tag-v1.4.2   | type=raw,value=first,priority=5000 ; type=semver,pattern={{version}} |  | first 1.4.2!
    tag-v1.4.2   | type=raw,value=1.4.2 ; type=semver,pattern={{version}} |  | 1.4.2! latest
    tag-v1.4.2   | type=semver,pattern={{version}} ; type=pep440,pattern={{version}} ; type=match,pattern=\\d ; type=edge ; type=ref,event=tag ; x ; type=sha |  | 1.4.2! 1 v1.4.2! x sha-a93d0f6! latest
    branch-main  | # a comment ; type=ref,event=branch |  | main
  `,
};

interface Row {
  readonly name: string;
  readonly event: string;
  readonly rules: string;
  readonly flavor: string;
  readonly want: string;
}

const byTopic = Object.entries(tables).map(([topic, text]) => ({ topic, rows: rowsOf(text) }));

describe.for(byTopic)('$topic', ({ rows }) => {
  test.for(rows)('$name', async ({ event, rules, flavor, want }, { expect }) => {
    const parsed = parseTagRules(rules, flavor);
    expect(parsed.diagnostics).toEqual([]);
    expect(
      resolveTags(parsed.rules, await gitEvent(event))
        .map(show)
        .join(' '),
    ).toBe(want);
  });
});

test('the table has at least 150 rows', ({ expect }) => {
  expect(byTopic.flatMap(({ rows }) => rows).length).toBeGreaterThanOrEqual(150);
});

describe('order', () => {
  const semver = (version: string) => ({ by: 'version', scheme: 'semver', version });
  test.for([
    {
      name: '1.4 follows versions',
      event: 'tag-v1.4.2',
      rules: 'type=semver,pattern={{major}}.{{minor}}',
      want: semver('1.4.2'),
    },
    {
      name: 'a raw name of a Git tag follows its version',
      event: 'tag-cli-v3.1.0',
      rules: 'stable',
      want: semver('3.1.0'),
    },
    {
      name: 'a value of its own is what counts',
      event: 'tag-v1.4.2',
      rules: 'type=semver,pattern={{major}},value=5.0.0',
      want: semver('5.0.0'),
    },
    {
      name: 'a branch follows its commits',
      event: 'branch-main',
      rules: 'type=ref,event=branch',
      want: { by: 'commit', ref: 'refs/heads/main' },
    },
    {
      name: 'a pull request follows its own commits',
      event: 'pull-request',
      rules: 'type=ref,event=pr',
      want: { by: 'commit', ref: 'refs/pull/318/merge' },
    },
    {
      name: 'a Git tag without a version follows commits',
      event: 'tag-nightly',
      rules: 'stable',
      want: { by: 'commit', ref: 'refs/tags/nightly' },
    },
    {
      name: 'PEP 440 where it is no semver',
      event: 'tag-2.1rc2',
      rules: 'type=pep440,pattern={{version}}',
      want: { by: 'version', scheme: 'pep440', version: '2.1rc2' },
    },
  ])('$name', async ({ event, rules, want }, { expect }) => {
    expect(resolveTags(parseTagRules(rules).rules, await gitEvent(event))[0]?.order).toEqual(want);
  });

  test('latest has the order of the rule that it follows from', async ({ expect }) => {
    const tags = resolveTags(parseTagRules('type=semver,pattern={{version}}').rules, await gitEvent('tag-v1.4.2'));
    const latest = { name: 'latest', kind: 'moving', order: semver('1.4.2'), rule: 'type=semver,pattern={{version}}' };
    expect(tags.at(-1)).toEqual(latest);
  });
});

describe('what no registry takes', () => {
  test.for([
    {
      name: 'a tag that begins with a dash',
      event: 'branch-with-at',
      rules: 'type=ref,event=branch',
      code: 'config.tag-name',
    },
    {
      name: 'a tag that is too long',
      event: 'branch-main',
      rules: `type=raw,value=${'x'.repeat(129)}`,
      code: 'config.tag-name',
    },
    {
      name: 'enable that comes to a branch',
      event: 'branch-main',
      rules: 'dev,enable={{branch}}',
      code: 'config.tag-rule',
    },
  ])('$name is an error', async ({ event, rules, code }, { expect }) => {
    const parsed = parseTagRules(rules).rules;
    const given = await gitEvent(event);
    expect(() => resolveTags(parsed, given)).toThrow(expect.objectContaining({ code }));
  });
});

function rowsOf(text: string): readonly Row[] {
  return text.split('\n').flatMap((line) => {
    const [event = '', rules = '', flavor = '', want = ''] = line
      .split(' | ')
      .map((cell) => cell.replace(/\|$/, '').trim());
    const lines = (cell: string): string => cell.split(' ; ').join('\n');
    const name = `${event}: ${rules || 'no rules'}${flavor === '' ? '' : ` (${flavor})`}`;
    return event === '' ? [] : [{ name, event, rules: lines(rules), flavor: lines(flavor), want }];
  });
}

function show({ name, kind }: ResolvedTag): string {
  return kind === 'immutable' ? `${name}!` : name;
}
