import { describe, test } from 'vitest';
import { mentionedVariables } from './constant.ts';
import { parseDockerfile } from './parse.ts';
import { reachedStages } from './stages.ts';

describe('an instruction mentions', () => {
  test.for<{ text: string; names: readonly string[] | undefined }>([
    { text: 'COPY a /b', names: [] },
    { text: 'COPY $A /b', names: ['A'] },
    { text: `COPY --chown=\${A} a /b`, names: ['A'] },
    { text: 'COPY --from=base a /b', names: [] },
    { text: 'COPY <<EOF /b\n$A\nEOF', names: ['A'] },
    { text: 'COPY <<EOF /b\nplain\nEOF', names: [] },
    { text: 'RUN echo $A', names: [] },
    { text: 'RUN <<EOF\necho $A\nEOF', names: [] },
    { text: 'RUN --mount=type=bind,source=a,target=/a true', names: [] },
    { text: 'RUN --mount=type=bind,source=$A,target=/a true', names: ['A'] },
    { text: 'RUN --mount=type=bind,from=base,target=/a true', names: [] },
    { text: 'ENV A=b', names: [] },
    { text: 'ENV A=$B', names: ['B'] },
    { text: `ENV A=$A:\${B:-\${C}}`, names: ['A', 'B', 'C'] },
    { text: 'ENV A=$1', names: undefined },
    { text: 'ENV A=$Bä', names: undefined },
    { text: `ENV A=\${B}ä`, names: ['B'] },
    { text: 'ENV A=$$B', names: undefined },
    { text: 'CMD ["$A"]', names: [] },
    { text: 'LABEL a=$A', names: ['A'] },
    { text: 'WORKDIR /$A', names: ['A'] },
  ])('$text: $names', ({ text, names }, { expect }) => {
    const { dockerfile, diagnostics } = parseDockerfile(`FROM scratch AS base\nFROM scratch\nARG A=x\n${text}\n`);
    expect(diagnostics).toEqual([]);
    const instruction = dockerfile.instructions.at(-1);
    expect(instruction && mentionedVariables(instruction)).toEqual(names);
  });
});

describe('a Dockerfile that is reached again and again', () => {
  const text = `ARG KIND=small
ARG BASE=base.example/\${KIND}:1
FROM \${BASE} AS tools
ENV PLAIN=here KIND=$KIND
ARG KIND
RUN --mount=type=bind,source=tools/$KIND,target=/t make
COPY common /common
FROM tools AS small
COPY small /small
FROM tools AS large
ARG EXTRA
COPY large \${EXTRA} /large
LABEL kind=$KIND
ARG FLAVOR=of-$KIND FULL=\${FLAVOR}-full
ARG EXTRA=\${FULL}-extra
COPY $FULL \${EXTRA} /full
FROM \${KIND}
ARG TARGETARCH
COPY bin-$TARGETARCH /bin
ONBUILD COPY . /later
COPY --from=tools /t /t
COPY --from=other /o /o
`;
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
  const ways = [
    { contexts: new Set<string>(), onbuild: [] },
    { contexts: new Set<string>(), onbuild: ['COPY x /x'] },
    { contexts: new Set(['other', 'small']), onbuild: ['COPY x /x'] },
    { contexts: new Set<string>(), onbuild: [], stage: 'tools' },
  ];
  const builds = ['small', 'large', 'none'].flatMap((kind) =>
    platforms.flatMap((platform) =>
      ways.map(({ onbuild, ...way }) => ({
        platform,
        buildPlatform: platform,
        args: { KIND: kind, ...(kind === 'large' ? { EXTRA: 'more' } : {}) },
        bases: new Map([['base.example/small:1', { env: ['A=b'], onbuild }]]),
        ...way,
      })),
    ),
  );

  test('gives each build what a first reading of it gives', ({ expect }) => {
    const { dockerfile } = parseDockerfile(text);
    for (const options of [...builds, ...builds.toReversed()]) {
      expect(reachedStages(dockerfile, options)).toEqual(reachedStages(parseDockerfile(text).dockerfile, options));
    }
  });

  test('gives each platform and each stage its own arguments', ({ expect }) => {
    const text = 'ARG TARGETSTAGE\nFROM scratch AS one\nARG TARGETARCH\nARG TARGETSTAGE\nFROM one AS two\n';
    const { dockerfile } = parseDockerfile(text);
    const given = platforms.flatMap((platform) =>
      ['one', 'two'].map((stage) => {
        const { stages } = reachedStages(dockerfile, { platform, buildPlatform: platform, args: {}, stage });
        return [...(stages[0]?.args.values() ?? [])].join(' ');
      }),
    );
    expect(given).toEqual(['amd64 one', 'amd64 two', 'arm64 one', 'arm64 two']);
  });

  test('tells a value that rests on what is not known from the same one that does not', ({ expect }) => {
    const text = 'ARG BASE\nFROM $BASE\nENV PLACE=a$PREFIX\nCOPY $PLACE /a\n';
    const { dockerfile } = parseDockerfile(text);
    const platform = { os: 'linux', architecture: 'amd64' };
    const bases = new Map([['known', { env: ['PREFIX='], onbuild: [] }]]);
    for (const base of ['known', 'unknown', 'known']) {
      const options = { platform, buildPlatform: platform, args: { BASE: base }, bases };
      expect(reachedStages(dockerfile, options)).toEqual(reachedStages(parseDockerfile(text).dockerfile, options));
    }
  });

  test('shares the steps that no argument decides', ({ expect }) => {
    const { dockerfile } = parseDockerfile(text);
    const [one, other] = ['small', 'large'].map((kind) => {
      const platform = { os: 'linux', architecture: 'amd64' };
      const { stages } = reachedStages(dockerfile, { platform, buildPlatform: platform, args: { KIND: kind } });
      return stages.find(({ name }) => name === 'tools')?.steps ?? [];
    });
    const common = one?.map((step, index) => step === other?.[index]);
    expect(common).toEqual([false, false, false, true]);
  });
});
