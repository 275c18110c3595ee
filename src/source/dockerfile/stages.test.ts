// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
import { describe, expect, test } from 'vitest';
import { stageNeeds } from './needs.ts';
import { parseDockerfile } from './parse.ts';
import { type ReachOptions, reachedStages } from './stages.ts';

const amd64 = { os: 'linux', architecture: 'amd64' };
const reach = (text: string, options: Partial<ReachOptions> = {}) =>
  reachedStages(parseDockerfile(text).dockerfile, { platform: amd64, buildPlatform: amd64, args: {}, ...options });
const sources = (text: string, options?: Partial<ReachOptions>) =>
  reach(text, options).stages.flatMap((stage) => stageNeeds(stage).files.flatMap((need) => need.source.sources));

describe('stages that are reached', () => {
  const text = [
    'FROM scratch AS unused',
    'COPY nothing /',
    'FROM scratch AS tools',
    'COPY t /',
    'FROM scratch AS lib',
    'COPY l /',
    'FROM lib AS build',
    'COPY --from=tools /t /',
    'RUN --mount=from=cfg,target=/c true',
    'FROM scratch AS cfg',
    'FROM scratch',
    'COPY --from=build / /',
  ].join('\n');

  test('are those that the target needs, in an order that can be built', () => {
    const { stages, diagnostics } = reach(text.replace('from=cfg', 'from=tools'));
    expect(diagnostics).toEqual([]);
    expect(stages.map(({ name, index }) => name ?? index)).toEqual(['tools', 'lib', 'build', 5]);
    expect(stages.at(-2)?.base).toEqual({ kind: 'stage', stage: 2 });
  });

  test('are those of the stage that is asked for', () => {
    expect(reach(text, { stage: 'LIB' }).stages.map(({ name }) => name)).toEqual(['lib']);
  });

  test('must stand earlier', () => {
    expect(reach(text).diagnostics).toMatchObject([
      { code: 'dockerfile.stage', message: 'the stage cfg stands after this one', place: { line: 9 } },
    ]);
  });

  test('a stage that is not there is told with the nearest one', () => {
    expect(reach(text, { stage: 'bild' }).diagnostics).toMatchObject([
      { message: 'there is no stage bild', hint: 'write build' },
    ]);
  });
});

describe('what a stage begins with', () => {
  test.for([
    { name: 'an image, expanded', text: 'ARG V=3\nFROM alpine:${V}', want: { kind: 'image', reference: 'alpine:3' } },
    {
      name: 'an image by a build argument',
      text: 'ARG B=a\nFROM $B',
      args: { B: 'b@sha256:0' },
      want: { kind: 'image', reference: 'b@sha256:0' },
    },
    { name: 'nothing', text: 'FROM scratch', want: { kind: 'scratch' } },
    {
      name: 'a named context in place of an image',
      text: 'FROM docker.io/library/alpine:latest',
      contexts: ['alpine'],
      want: { kind: 'named', name: 'alpine' },
    },
    {
      name: 'a named context in place of the stage',
      text: 'FROM alpine AS Base\nCOPY x /',
      contexts: ['base'],
      want: { kind: 'named', name: 'base' },
    },
    { name: 'a platform argument', text: 'FROM x-$TARGETARCH', want: { kind: 'image', reference: 'x-amd64' } },
  ])('$name', ({ text, args = {}, contexts = [], want }) => {
    const { stages, diagnostics } = reach(text, { args, contexts: new Set(contexts) });
    expect(diagnostics).toEqual([]);
    expect(stages[0]?.base).toEqual(want);
  });

  test.for([
    { name: 'as written', text: 'FROM --platform=linux/arm64/v8 a', want: { os: 'linux', architecture: 'arm64' } },
    { name: 'by an argument', text: 'FROM --platform=$BUILDPLATFORM a', want: amd64 },
    {
      name: 'the architecture alone',
      text: 'FROM --platform=arm a',
      want: { os: 'linux', architecture: 'arm', variant: 'v7' },
    },
    {
      name: 'handed on by a stage',
      text: 'FROM --platform=linux/s390x a AS x\nFROM --platform=linux/arm64 x',
      want: { os: 'linux', architecture: 's390x' },
    },
    { name: 'the target’s', text: 'FROM a', want: { os: 'linux', architecture: 'riscv64' } },
  ])('its platform: $name', ({ text, want }) => {
    const options = { platform: { os: 'linux', architecture: 'riscv64' }, stage: undefined };
    expect(reach(text, { platform: options.platform }).stages.at(-1)?.platform).toEqual(want);
  });
});

describe('what a base image adds', () => {
  const text = 'FROM base\nCOPY backend/${BACKEND} /b\nENV X=$BACKEND\nCOPY $X/y /\nARG D=d\nCOPY $D /\n';
  const bases = new Map([['base', { env: ['BACKEND=x', 'PATH=/bin'], onbuild: ['COPY on/$BACKEND /onb', 'ARG D=e'] }]]);

  test('its environment takes part in expansion, its ONBUILD in selection', () => {
    expect(sources(text, { bases })).toEqual(['on/x', 'backend/x', 'x/y', 'd']);
    const [stage] = reach(text, { bases }).stages;
    expect(stage?.undecided).toEqual([]);
    expect(stage?.env).toEqual([
      { name: 'BACKEND', value: 'x' },
      { name: 'PATH', value: '/bin' },
      { name: 'X', value: 'x' },
    ]);
    expect(stage?.steps.map(({ fromOnbuild, place }) => [fromOnbuild, place.line]).slice(0, 3)).toEqual([
      [true, 1],
      [true, 1],
      [false, 2],
    ]);
  });

  test('where it is not known, what may come from it is undecided, and what rests on that', () => {
    const [stage] = reach(text).stages;
    const needs = stage === undefined ? [] : stageNeeds(stage).files;
    expect(needs.map(({ undecided }) => undecided)).toEqual([
      '$BACKEND may be set by the image base, whose config is not known',
      '$X rests on what is not known',
      undefined,
    ]);
    expect(stage?.undecided[0]).toBe('ONBUILD may add to it by the image base, whose config is not known');
  });

  test('an ONBUILD that cannot be read is an error at FROM', () => {
    const broken = new Map([['base', { env: [], onbuild: ['NOPE x'] }]]);
    expect(reach('FROM base\n', { bases: broken }).diagnostics).toMatchObject([
      { code: 'dockerfile.syntax', place: { line: 1 } },
    ]);
  });

  test('an ONBUILD may reach one more stage', () => {
    const onbuild = new Map([['base', { env: [], onbuild: ['COPY --from=extra /e /'] }]]);
    expect(reach('FROM scratch AS extra\nFROM base\n', { bases: onbuild }).stages.map(({ index }) => index)).toEqual([
      0, 1,
    ]);
  });
});

test('arguments that count are those that a stage declares and those that its FROM reads', () => {
  const { stages } = reach('ARG B=x\nARG UNUSED=1\nFROM $B\nARG C=c\nARG D\nARG TARGETARCH\n', {
    args: { C: 'given', E: 'not declared' },
  });
  expect([...(stages[0]?.args ?? [])]).toEqual([
    ['B', 'x'],
    ['C', 'given'],
    ['D', undefined],
    ['TARGETARCH', 'amd64'],
  ]);
});

test('what a stage needs, in order', () => {
  const text = `FROM scratch AS a
COPY --exclude=*.md --parents src/ ./x/./y /d/
ADD https://example.com/x.tgz git@example.com:a/b.git#v1 https://example.com/c.git#main local /d/
ADD --checksum=sha256:00 https://example.com/z /z
RUN --mount=type=secret,id=s --mount=type=ssh --mount=type=cache,target=/c,id=k --mount=type=bind,source=conf,target=/c true
RUN --mount=type=cache,target=/root '--mount=type=bind,"source=a,b",target=/x' true
COPY --from=busybox /bin/sh /sh
`;
  const [stage] = reach(text).stages;
  const needs = stage && stageNeeds(stage);
  expect(needs?.files.map(({ by, origin, source, place }) => [by, origin.kind, source.sources, place.line])).toEqual([
    ['COPY', 'context', ['src/', './x/./y'], 2],
    ['ADD', 'context', ['local'], 3],
    ['mount', 'context', ['conf'], 5],
    ['COPY', 'image', ['/bin/sh'], 7],
  ]);
  expect(needs?.files[0]?.source).toMatchObject({ exclude: ['*.md'], parents: true, kind: 'copy' });
  expect(needs?.remotes.map(({ remote }) => remote)).toEqual([
    { kind: 'url', url: 'https://example.com/x.tgz' },
    { kind: 'git', url: 'git@example.com:a/b.git', ref: 'v1' },
    { kind: 'git', url: 'https://example.com/c.git', ref: 'main' },
    { kind: 'url', url: 'https://example.com/z', checksum: 'sha256:00' },
  ]);
  expect(needs).toMatchObject({ secrets: ['s'], ssh: ['default'], caches: ['k', '/root'], run: { line: 5 } });
});

test.for([
  {
    name: 'ports',
    text: 'EXPOSE 8000-8001 53/UDP $P',
    want: { kind: 'expose', ports: ['9/tcp', '53/udp', '8000/tcp', '8001/tcp'] },
  },
  { name: 'a shell command', text: 'CMD echo $P', want: { kind: 'cmd', command: { form: 'shell', text: 'echo $P' } } },
  {
    name: 'an entrypoint',
    text: 'ENTRYPOINT ["a", "$P"]',
    want: { kind: 'entrypoint', command: { form: 'exec', argv: ['a', '$P'] } },
  },
  { name: 'volumes', text: 'VOLUME ["/a b", "/$P"]', want: { kind: 'volume', paths: ['/a b', '/9'] } },
  { name: 'a signal', text: 'STOPSIGNAL SIGRTMIN+$P', want: { kind: 'stopsignal', signal: 'SIGRTMIN+9' } },
  { name: 'no health check', text: 'HEALTHCHECK none', want: { kind: 'healthcheck', healthcheck: { kind: 'none' } } },
  {
    name: 'a health check',
    text: 'HEALTHCHECK --retries=3 --timeout=1.5s --interval=1m CMD x',
    want: {
      kind: 'healthcheck',
      healthcheck: { retries: 3, timeoutNs: 1.5e9, intervalNs: 6e10, command: { form: 'shell', text: 'x' } },
    },
  },
  {
    name: 'files in the file',
    text: 'COPY <<A <<-"B" /d/\n$P\nA\n\t$P\nB',
    want: {
      kind: 'copy',
      sources: [],
      inline: [
        { name: 'A', content: '9\n' },
        { name: 'B', content: '$P\n' },
      ],
    },
  },
  {
    name: 'a later instruction',
    text: 'ONBUILD COPY <<A /d\nx\nA',
    want: { kind: 'onbuild', expression: 'COPY <<A /d\nx\nA' },
  },
  { name: 'a script', text: 'RUN <<A\nx\nA', want: { kind: 'run', command: { form: 'shell', text: 'x\n' } } },
  {
    name: 'a heredoc for a program',
    text: 'RUN cat <<A\nx\nA',
    want: { kind: 'run', command: { form: 'shell', text: 'cat <<A\nx\nA' } },
  },
  {
    name: 'no variables in --exclude',
    text: 'COPY --exclude=$P --chown=$P --chmod=$P a /b',
    want: { exclude: ['$P'], chown: '9', chmod: '9' },
  },
])('a step: $name', ({ text, want }) => {
  const { stages, diagnostics } = reach(`FROM scratch\nENV P=9\n${text}\n`);
  expect(diagnostics).toEqual([]);
  expect(stages[0]?.steps.at(-1)?.action).toMatchObject(want);
});
