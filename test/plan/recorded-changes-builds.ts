// Recorded changes of how images are built: Dockerfiles, fanfold.yaml, and the parts that copy everything.

import { type Change, crlf, type Edits } from './recorded-changes-edits.ts';

const dockerfile = 'backend/Dockerfile.python';

/** Of the Python-like Dockerfile. */
export const dockerfileChanges = ({ edit, append, text }: Edits): readonly Change[] => [
  { name: 'a comment of the Dockerfile is edited', files: edit(dockerfile, 'Everything', 'All of it') },
  { name: 'a comment comes before the Dockerfile', files: { [dockerfile]: `# For Python.\n\n${text(dockerfile)}` } },
  { name: 'empty lines come into the Dockerfile', files: edit(dockerfile, '\nWORKDIR', '\n\n\nWORKDIR') },
  { name: 'blanks come to the end of an instruction', files: edit(dockerfile, 'WORKDIR /app\n', 'WORKDIR /app  \n') },
  {
    name: 'a directive for checks comes into the Dockerfile',
    files: { [dockerfile]: `# check=skip=all\n${text(dockerfile)}` },
  },
  { name: 'the Dockerfile gets CRLF', files: { [dockerfile]: crlf(text(dockerfile)) } },
  { name: 'a comment comes between the lines of an instruction', files: edit(dockerfile, ' \\\n', ' \\\n# why\n') },
  { name: 'a stage that is not reached is edited', files: edit(dockerfile, '/tests/all.sh', '/tests/some.sh') },
  {
    name: 'a stage that is not reached comes first',
    files: edit(dockerfile, 'FROM ', 'FROM scratch AS none\n\nFROM '),
  },
  {
    name: 'a reached stage gets a variable',
    files: edit(dockerfile, 'WORKDIR /app\n', 'ENV SPEED=high\nWORKDIR /app\n'),
  },
  { name: 'a reached stage runs more', files: edit(dockerfile, '\nEND\n', '\necho more >> made/flavor\nEND\n') },
  { name: 'the last stage gets a label', files: append(dockerfile, 'LABEL more=yes\n') },
  { name: 'the last stage gets another command', files: edit(dockerfile, '/app/run.sh', '/app/serve.sh') },
  { name: 'the last stage gets another folder', files: edit(dockerfile, 'WORKDIR /app', 'WORKDIR /srv') },
  {
    name: 'two instructions change places',
    files: edit(
      dockerfile,
      'COPY scripts/install.sh scripts/\nCOPY proto/backend.proto proto/\n',
      'COPY proto/backend.proto proto/\nCOPY scripts/install.sh scripts/\n',
    ),
  },
  { name: "an argument's default changes", files: edit(dockerfile, 'FLAVOR=cpu', 'FLAVOR=gpu') },
  { name: "a global argument's default changes", files: edit(dockerfile, 'RUNTIME=python', 'RUNTIME=tools') },
  {
    name: 'one more file is copied',
    files: edit(dockerfile, 'COPY bin', 'COPY README* docs/tool.sh docs/\nCOPY bin'),
  },
  {
    name: 'another file is copied',
    files: edit(dockerfile, 'COPY vendor/lib /', 'COPY vendor/lib/lib.py /library.py'),
  },
  { name: 'the mode of what is copied changes', files: edit(dockerfile, 'COPY proto', 'COPY --chmod=0600 proto') },
  { name: 'a Dockerfile that nothing builds comes', files: { 'backend/Dockerfile.rust': 'FROM scratch\n' } },
];

const yaml = 'fanfold.yaml';

/** Of fanfold.yaml. */
export const familyChanges = ({ edit, append }: Edits): readonly Change[] => [
  { name: 'a comment of fanfold.yaml is edited', files: edit(yaml, 'one folder each', 'a folder for each') },
  { name: "one target's argument changes", files: edit(yaml, 'FLAVOR: fast', 'FLAVOR: faster') },
  { name: 'one target gets an argument', files: edit(yaml, '{ BACKEND: alpha }', '{ BACKEND: alpha, FLAVOR: slow }') },
  {
    name: 'one target gets an argument that its Dockerfile does not know',
    files: edit(yaml, '{ BACKEND: alpha }', '{ BACKEND: alpha, UNKNOWN: x }'),
  },
  {
    name: 'one target gets an argument with the value of its default',
    files: edit(yaml, '{ BACKEND: alpha }', '{ BACKEND: alpha, FLAVOR: cpu }'),
  },
  { name: "one target's label changes", files: edit(yaml, 'org.example.part: gamma', 'org.example.part: third') },
  {
    name: 'all targets get a label',
    files: edit(yaml, 'builder: buildx\n', 'builder: buildx\nlabels: { org.example.family: all }\n'),
  },
  {
    name: 'one target gets an annotation',
    files: edit(yaml, '    args: { BACKEND: delta }\n', '    args: { BACKEND: delta }\n    annotations: { note: x }\n'),
  },
  { name: 'a destination comes', files: edit(yaml, '[oci:out/images]', '[oci:out/images, oci:out/more]') },
  { name: 'the tags change', files: edit(yaml, 'value=latest', 'value=newest') },
  {
    name: 'one target leaves',
    files: edit(yaml, '  delta:\n    dockerfile: backend/Dockerfile.python\n    args: { BACKEND: delta }\n', ''),
  },
  {
    name: 'a target comes',
    files: append(yaml, '  zeta:\n    dockerfile: backend/Dockerfile.python\n    args: { BACKEND: unlisted }\n'),
  },
  {
    name: 'a platform comes',
    files: edit(
      yaml,
      '    args: { BACKEND: alpha }',
      '    platforms: [linux/amd64, linux/arm64]\n    args: { BACKEND: alpha }',
    ),
  },
  { name: 'a platform leaves', files: edit(yaml, '    platforms: [linux/amd64, linux/arm64]\n', '') },
  {
    name: 'one target stops at another stage',
    files: edit(yaml, '    args: { VARIANT: cpu }', '    target: source\n    args: { VARIANT: cpu }'),
  },
  { name: 'one target takes the other variant', files: edit(yaml, 'VARIANT: cpu', 'VARIANT: gpu') },
  { name: 'one target takes another backend', files: edit(yaml, 'BACKEND: delta', 'BACKEND: unlisted') },
];

/** Of the parts that copy everything. */
export const wholeContextChanges = ({ edit, append, text }: Edits): readonly Change[] => [
  { name: "a Go command's source is edited", files: append('cmd/server/main.go', 'func more() {}\n') },
  { name: 'a comment of a Go command is edited', files: edit('cmd/worker/main.go', 'The worker', 'This works') },
  { name: 'a Go package is edited', files: append('internal/store.go', 'var More = 2\n') },
  { name: "what a Go package's test reads is edited", files: append('internal/store_test.txt', 'more\n') },
  { name: 'go.mod is edited', files: edit('go.mod', 'go 1.22', 'go 1.23') },
  {
    name: "the Go Dockerfile's reached stage is edited",
    files: edit('Dockerfile.go', 'ENTRYPOINT', 'USER 1000\nENTRYPOINT'),
  },
  { name: 'a C source is edited', files: append('native/core/main.c', 'int more(void);\n') },
  { name: 'a comment of a C source is edited', files: edit('native/core/main.c', 'Begins', 'Starts') },
  { name: 'a C header that is not compiled in is edited', files: append('native/core/main.h', 'int more(void);\n') },
  { name: "one variant's source is edited", files: append('native/gpu/kernel.c', 'int more(void);\n') },
  {
    name: "one variant's stage is edited",
    files: edit('native/Dockerfile', 'make.sh gpu', 'make.sh gpu && echo gpu > /out/variant'),
  },
  {
    name: "an argument's default that every target replaces changes",
    files: edit('native/Dockerfile', 'VARIANT=cpu', 'VARIANT=gpu'),
  },
  {
    name: 'what every variant starts from is edited',
    files: edit('native/Dockerfile', 'COPY . .', 'COPY . .\nRUN rm core/main.h'),
  },
  { name: 'notes that are ignored are edited', files: append('native/NOTES.md', 'More.\n') },
  { name: "the C folder's .dockerignore ignores a source", files: append('native/.dockerignore', 'core/util.c\n') },
  { name: 'a C source gets CRLF', files: { 'native/core/main.c': crlf(text('native/core/main.c')) } },
];
