// A small family in the three shapes that real ones have: a Dockerfile that copies what an argument names, one that copies all, one with stages.

/** The files of the family. */
export const smallFamily: Readonly<Record<string, string>> = {
  'fanfold.yaml': `destinations: [oci:out]
platforms: [linux/amd64, linux/arm64]
tags: type=raw,value=latest
targets:
  speech:
    dockerfile: Dockerfile.python
    args: { BACKEND: speech }
  vision:
    dockerfile: Dockerfile.python
    args: { BACKEND: vision }
  gateway:
    dockerfile: go/Dockerfile
    context: go
    platforms: [linux/amd64]
  engine:
    dockerfile: Dockerfile.cpp
    platforms: [linux/amd64]
    args: { FLAVOR: cpu }
  engine-cuda:
    dockerfile: Dockerfile.cpp
    platforms: [linux/amd64]
    args: { FLAVOR: cuda }
    labels: { org.example.accelerator: cuda }
`,
  'Dockerfile.python': `ARG BASE=python.example/python:3.12
FROM \${BASE}
ARG BACKEND
COPY python/common/ /app/common/
COPY python/\${BACKEND}/ /app/
COPY scripts/run.sh /app/run.sh
CMD ["/app/run.sh"]
`,
  'python/common/base.py': 'base',
  'python/speech/requirements.txt': 'torch',
  'python/speech/server.py': 'speech',
  'python/vision/requirements.txt': 'torch',
  'python/vision/server.py': 'vision',
  'scripts/run.sh': '#!/bin/sh',
  'scripts/release.sh': '#!/bin/sh',
  'go/Dockerfile': `FROM go.example/go:1.24 AS build
WORKDIR /src
COPY . .
RUN go build -o /gateway ./cmd/gateway
FROM scratch
COPY --from=build /gateway /gateway
`,
  'go/.dockerignore': '# notes are no part of it\n**/*.md\nDockerfile\n.dockerignore\n',
  'go/go.mod': 'module example',
  'go/cmd/gateway/main.go': 'package main',
  'go/README.md': 'read me',
  'Dockerfile.cpp': `ARG FLAVOR=cpu
FROM cpp.example/gcc:14 AS tools
COPY cpp/third_party /third_party
FROM tools AS build-cpu
COPY cpp/src /src
RUN make cpu
FROM tools AS build-cuda
COPY cpp/src /src
COPY cpp/cuda /cuda
RUN make cuda
FROM build-\${FLAVOR} AS built
FROM scratch
COPY --from=built /engine /engine
`,
  'cpp/src/main.cpp': 'int main() {}',
  'cpp/cuda/kernel.cu': 'kernel',
  'cpp/third_party/json.hpp': 'json',
  'docs/guide.md': 'guide',
  '.gitignore': 'out\n',
};
