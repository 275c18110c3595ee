import { describe, test } from 'vitest';
import { isConstant } from './constant.ts';
import { parseDockerfile } from './parse.ts';
import { reachedStages } from './stages.ts';

describe('an instruction is', () => {
  test.for([
    { text: 'COPY a /b', constant: true },
    { text: 'COPY $A /b', constant: false },
    { text: `COPY --chown=\${A} a /b`, constant: false },
    { text: 'COPY --from=base a /b', constant: false },
    { text: 'COPY <<EOF /b\n$A\nEOF', constant: false },
    { text: 'COPY <<EOF /b\nplain\nEOF', constant: true },
    { text: 'RUN echo $A', constant: true },
    { text: 'RUN <<EOF\necho $A\nEOF', constant: true },
    { text: 'RUN --mount=type=bind,source=a,target=/a true', constant: true },
    { text: 'RUN --mount=type=bind,source=$A,target=/a true', constant: false },
    { text: 'RUN --mount=type=bind,from=base,target=/a true', constant: false },
    { text: 'ENV A=b', constant: true },
    { text: 'ENV A=$B', constant: false },
    { text: 'CMD ["$A"]', constant: true },
    { text: 'LABEL a=$A', constant: false },
    { text: 'WORKDIR /$A', constant: false },
  ])('$text: $constant', ({ text, constant }, { expect }) => {
    const { dockerfile, diagnostics } = parseDockerfile(`FROM scratch AS base\nFROM scratch\nARG A=x\n${text}\n`);
    expect(diagnostics).toEqual([]);
    const instruction = dockerfile.instructions.at(-1);
    expect(instruction && isConstant(instruction)).toBe(constant);
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
FROM \${KIND}
ONBUILD COPY . /later
COPY --from=tools /t /t
COPY --from=other /o /o
`;
  const platforms = ['amd64', 'arm64'].map((architecture) => ({ os: 'linux', architecture }));
  const builds = ['small', 'large', 'none'].flatMap((kind) =>
    platforms.flatMap((platform) =>
      [new Set<string>(), new Set(['other', 'small'])].map((contexts) => ({
        platform,
        buildPlatform: platform,
        args: { KIND: kind, ...(kind === 'large' ? { EXTRA: 'more' } : {}) },
        contexts,
        bases: new Map([['base.example/small:1', { env: ['A=b'], onbuild: ['COPY x /x'] }]]),
      })),
    ),
  );

  test('gives each build what a first reading of it gives', ({ expect }) => {
    const { dockerfile } = parseDockerfile(text);
    for (const options of [...builds, ...builds.toReversed()]) {
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
