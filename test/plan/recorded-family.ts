// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
// The repository whose changes are judged: a Python-like, a Go-like and a C-like part, and their fanfold.yaml.

import type { FileSpec } from '../support/repository.ts';

/** Paths to what stands there. */
export type Files = Readonly<Record<string, FileSpec>>;

/** The parts, told apart by their targets' names. */
export const parts = ['python', 'go', 'c'] as const;
/** One of the parts. */
export type Part = (typeof parts)[number];

/** The part that a target belongs to. */
export function partOf(target: string): Part {
  if (target.startsWith('go-')) return 'go';
  return target.startsWith('c-') ? 'c' : 'python';
}

/** The family's files. Bases are `HOST/python`, `HOST/runtime` and `HOST/tools`. */
export function recordedFamily(host: string): Files {
  return { ...shared, ...python(host), ...goLike(host), ...cLike(host) };
}

/** Copies what one backend needs and nothing else, into the image itself. */
const pythonDockerfile = `ARG RUNTIME=python
FROM {host}/tools AS lint
COPY tests /tests
RUN sh /tests/all.sh

FROM scratch AS libraries
COPY vendor/lib /

FROM {host}/\${RUNTIME}
ARG BACKEND=none
ARG FLAVOR=cpu
ARG TARGETARCH
WORKDIR /app
COPY scripts/install.sh scripts/
COPY proto/backend.proto proto/
COPY backend/python/common common
COPY backend/python/\${BACKEND} \${BACKEND}
COPY --from=libraries / vendor
COPY bin/\${TARGETARCH}/ bin/
# Everything is put together by the shared script.
RUN sh scripts/install.sh "\${BACKEND}" \\
    "\${FLAVOR}"
RUN <<END
echo "flavor $FLAVOR" > made/flavor
END
CMD ["/bin/sh", "/app/run.sh"]
`;

/** Copies the whole repository into the stage that compiles; the image holds what came of it. */
const goDockerfile = `FROM {host}/tools AS build
ARG COMMAND=server
WORKDIR /src
COPY . .
RUN mkdir /out && grep -hv '^//' internal/*.go cmd/\${COMMAND}/*.go go.mod > /out/\${COMMAND}

FROM scratch
ARG COMMAND=server
COPY --from=build /out/\${COMMAND} /program
ENTRYPOINT ["/program"]
`;

/** The whole of its folder, and one of two stages by an argument. */
const cDockerfile = `ARG VARIANT=cpu
FROM {host}/tools AS source
WORKDIR /src
COPY . .

FROM source AS cpu
RUN sh make.sh cpu

FROM source AS gpu
RUN sh make.sh gpu
ENV DEVICES=all

FROM \${VARIANT} AS chosen

FROM {host}/runtime
COPY --from=chosen /out /opt/native
`;

const familyYaml = `destinations: [oci:out/images]
platforms: [linux/amd64]
tags: type=raw,value=latest
builder: buildx

targets:
  # Python-like: one folder each.
  alpha:
    dockerfile: backend/Dockerfile.python
    args: { BACKEND: alpha }
  beta:
    dockerfile: backend/Dockerfile.python
    args: { BACKEND: beta, FLAVOR: fast }
  gamma:
    dockerfile: backend/Dockerfile.python
    args: { BACKEND: gamma }
    labels: { org.example.part: gamma }
  delta:
    dockerfile: backend/Dockerfile.python
    args: { BACKEND: delta }
  epsilon:
    dockerfile: backend/Dockerfile.python
    platforms: [linux/amd64, linux/arm64]
    args: { BACKEND: epsilon }
  # Go-like: everything is copied.
  go-server:
    dockerfile: Dockerfile.go
    args: { COMMAND: server }
  go-worker:
    dockerfile: Dockerfile.go
    args: { COMMAND: worker }
  # C-like: a folder, and a variant.
  c-cpu:
    context: native
    args: { VARIANT: cpu }
  c-gpu:
    context: native
    args: { VARIANT: gpu }
`;

const shared: Files = {
  'fanfold.yaml': familyYaml,
  '.dockerignore': '# What no build needs.\n.git*\nfanfold.yaml\n**/*.md\n**/*.log\n**/Dockerfile*\nout\n',
  '.gitignore': 'out/\n',
  'README.md': '# A family\n',
  'docs/guide.md': 'How it is used.\n',
  'docs/tool.sh': 'echo documentation\n',
  'proto/backend.proto': 'syntax = "proto3";\n// One call.\nmessage Ask { string text = 1; }\n',
  'proto/other.proto': 'syntax = "proto3";\nmessage Other {}\n',
  'scripts/install.sh': {
    bytes:
      '#!/bin/sh\n# Puts a backend together.\nset -e\nmkdir made\ncat proto/*.proto common/* "$1"/*.py > made/all\necho "$2" > made/kind\n',
    executable: true,
  },
  'scripts/release.sh': 'echo release\n',
  'bin/amd64/helper': 'helper for amd64\n',
  'bin/arm64/helper': 'helper for arm64\n',
  'tests/all.sh': 'echo tests\n',
};

const backends = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'unlisted'] as const;

function python(host: string): Files {
  const folder = 'backend/python';
  const each = backends.flatMap((name) => [
    [`${folder}/${name}/run.py`, `import helper\nprint("${name}")\n`],
    [`${folder}/${name}/helper.py`, `def help():\n    return "${name}"\n`],
    [`${folder}/${name}/requirements.txt`, `${name}-lib==1.0\n`],
    [`${folder}/${name}/README.md`, `# ${name}\n`],
  ]);
  return {
    ...Object.fromEntries(each),
    'backend/Dockerfile.python': pythonDockerfile.replaceAll('{host}', host),
    [`${folder}/common/log.py`]: 'def log(text):\n    print(text)\n',
    [`${folder}/common/text.py`]: 'def trim(text):\n    return text.strip()\n',
    [`${folder}/common/README.md`]: '# Common\n',
    [`${folder}/alpha/bytes.bin`]: Uint8Array.from([0, 1, 2, 255, 254, 0]),
    [`${folder}/beta/models/v1`]: 'first\n',
    [`${folder}/beta/models/v2`]: 'second\n',
    [`${folder}/beta/current`]: { link: 'models/v1' },
    [`${folder}/gamma/extra.py`]: 'extra = 1\n',
    [`${folder}/gamma/serve.sh`]: { bytes: '#!/bin/sh\n', executable: true },
    [`${folder}/delta/data/one`]: '1\n',
    [`${folder}/delta/data/two`]: '2\n',
  };
}

const goLike = (host: string): Files => ({
  'Dockerfile.go': goDockerfile.replaceAll('{host}', host),
  'go.mod': 'module example.test/family\n\ngo 1.22\n',
  'internal/store.go': 'package internal\n// Store keeps.\nvar Store = 1\n',
  'internal/store_test.txt': 'what a test reads\n',
  'cmd/server/main.go': 'package main\n// The server.\nfunc main() {}\n',
  'cmd/worker/main.go': 'package main\n// The worker.\nfunc main() {}\n',
});

const cLike = (host: string): Files => ({
  'native/Dockerfile': cDockerfile.replaceAll('{host}', host),
  'native/.dockerignore': 'Dockerfile\n.dockerignore\n*.md\n',
  'native/make.sh': 'mkdir /out\ngrep -hv \'^//\' core/*.c "$1"/*.c > /out/library\n',
  'native/core/main.c': '// Begins here.\nint main(void) { return 0; }\n',
  'native/core/util.c': 'int util(void);\n',
  'native/core/main.h': '// Declared here.\nint main(void);\n',
  'native/cpu/kernel.c': 'int kernel(void) { return 1; }\n',
  'native/gpu/kernel.c': 'int kernel(void) { return 2; }\n',
  'native/NOTES.md': 'Notes.\n',
});
