/** Files that stand in for those of a real family whose texts are not here: Dockerfiles of the same shape and length, ignore rules. */

/** What the context leaves out: plain names, wildcards, `**`; the submodules, which nobody checks out here, among them. */
export const dockerignore = [
  '# local state',
  ...['.idea', '.vscode', '.github', '.devcontainer', 'models', 'volumes', 'tests', 'website', 'docs'],
  ...['Dockerfile*', '__pycache__', '**/venv', '**/node_modules', 'examples/**/models', '.claude', '.tools'],
  ...['build', '.cache', 'sources', 'package'].map((name) => `backend/go/*/${name}`),
  ...['llama', 'audio', 'filter', 'engine'].flatMap((name) => [`backend/cpp/${name}/src`, `backend/cpp/${name}/build`]),
  ...['backend/cpp/llama-*-build', 'backend/python/**/source', 'backend/rust/*/target', 'backend/rust/*/sources'],
  '',
].join('\n');

/** A Dockerfile by what stands after its dot, or undefined where there is none of that name's shape. */
export function dockerfileFor(kind: string): string {
  if (kind === 'python') return pythonDockerfile;
  return kind === 'golang' ? golangDockerfile : nativeDockerfile;
}

const names = ['BUILD_TYPE', 'CUDA_MAJOR_VERSION', 'CUDA_MINOR_VERSION', 'UBUNTU_VERSION'];

const prologue = `ARG BASE_IMAGE=ubuntu:24.04
FROM \${BASE_IMAGE} AS builder
ARG BACKEND=none
${names.map((name) => `ARG ${name}\nENV ${name}=\${${name}}\n`).join('')}ARG SKIP_DRIVERS=false
ARG TARGETARCH
ARG TARGETVARIANT
ARG TOOL_VERSION=1.25.4
ENV DEBIAN_FRONTEND=noninteractive
ENV PATH=/opt/toolkit/bin:\${PATH}
`;

/** Drivers and tools, one heredoc and one continued line for each of `count`. */
function drivers(count: number): string {
  return Array.from(
    { length: count },
    (_, place) => `RUN <<EOT bash
${Array.from({ length: 24 }, (_, line) => `    if [ "\${BUILD_TYPE}" = "kind-${place}" ] && [ "\${SKIP_DRIVERS}" = "false" ]; then step ${place} ${line}; fi`).join('\n')}
EOT
RUN if [ "\${BUILD_TYPE}" = "kind-${place}" ]; then \\
${Array.from({ length: 8 }, (_, line) => `      install-tool --number ${line} --architecture "\${TARGETARCH}" && \\\n`).join('')}      true; \\
    fi
`,
  ).join('');
}

const pythonDockerfile = `${prologue}${drivers(4)}COPY backend/python/\${BACKEND} /src/\${BACKEND}
COPY backend/backend.proto /src/\${BACKEND}/
COPY backend/python/common/ /src/\${BACKEND}/common
COPY scripts/build/package-gpu-libs.sh /src/package.sh
RUN cd /src/\${BACKEND} && make
FROM scratch
ARG BACKEND=none
COPY --from=builder /src/\${BACKEND}/ /
`;

const golangDockerfile = `${prologue}${drivers(8)}COPY backend/go/\${BACKEND}/ /src/backend/go/\${BACKEND}/
RUN cd /src/backend/go/\${BACKEND} && make sources
COPY . /work
RUN make -C /src/backend/go/\${BACKEND} build
FROM scratch
ARG BACKEND=none
COPY --from=builder /src/backend/go/\${BACKEND}/package/. ./
`;

const nativeDockerfile = `ARG BUILDER_TARGET=from-source
ARG BUILDER_BASE_IMAGE=cache.example/builder:1
${prologue.replace('AS builder', 'AS from-source')}${drivers(3)}COPY . /work
RUN make -C /src/backend/cpp
FROM \${BUILDER_BASE_IMAGE} AS from-prebuilt
ARG BUILD_TYPE
COPY . /work
RUN make -C /src/backend/cpp prebuilt
FROM \${BUILDER_TARGET} AS built
FROM scratch
COPY --from=built /src/package/ /
`;
