// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
// Changes of the recorded family, each one commit on top of it: what people do to files, Dockerfiles, fanfold.yaml and base images.

import type { BaseChange } from './recorded-bases.ts';
import type { Files } from './recorded-family.ts';

/** One change. */
export interface Change {
  readonly name: string;
  readonly files?: Files;
  readonly remove?: readonly string[];
  /** The submodule's next commit is taken. */
  readonly submodule?: true;
  /** A base image's tag moves to another image before the commit. */
  readonly base?: BaseChange;
}

const py = 'backend/python';
const dockerfile = 'backend/Dockerfile.python';

/** All changes of a family's files. */
export function recordedChanges(family: Files): readonly Change[] {
  const text = (path: string): string => {
    const spec = family[path];
    if (typeof spec === 'string') return spec;
    if (typeof spec === 'object' && 'bytes' in spec && typeof spec.bytes === 'string') return spec.bytes;
    throw new Error(`${path} has no text`);
  };
  /** The file with one text in place of another, which must be there. */
  const edit = (path: string, from: string, to: string): Files => {
    const before = text(path);
    if (!before.includes(from)) throw new Error(`${path} has no ${JSON.stringify(from)}`);
    const after = before.replace(from, () => to);
    return { [path]: typeof family[path] === 'string' ? after : { bytes: after, executable: true } };
  };
  const append = (path: string, more: string): Files => edit(path, text(path), text(path) + more);
  const all: readonly (readonly Change[])[] = [
    backendChanges(edit, append, text),
    sharedChanges(edit, append, text),
    ignoreChanges(edit, append, text),
    dockerfileChanges(edit, append, text),
    familyChanges(edit, append),
    wholeContextChanges(edit, append, text),
    baseChanges,
  ];
  return all.flat();
}

type Edit = (path: string, from: string, to: string) => Files;
type Append = (path: string, more: string) => Files;
type Text = (path: string) => string;

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

const backendChanges = (edit: Edit, append: Append, text: Text): readonly Change[] => [
  { name: "a backend's source is edited", files: append(`${py}/alpha/run.py`, 'print("more")\n') },
  { name: "another backend's source is edited", files: append(`${py}/beta/run.py`, 'print("more")\n') },
  { name: "a comment comes into a backend's source", files: append(`${py}/gamma/run.py`, '# more\n') },
  { name: "a backend's requirements are raised", files: edit(`${py}/gamma/requirements.txt`, '1.0', '1.1') },
  { name: 'a source of a backend for two platforms is edited', files: append(`${py}/epsilon/run.py`, 'x = 1\n') },
  { name: 'a file comes into a backend', files: { [`${py}/alpha/new.py`]: 'new = 1\n' } },
  { name: 'a file comes into a new folder of a backend', files: { [`${py}/beta/deep/er/new`]: 'new\n' } },
  { name: 'an empty file comes into a backend', files: { [`${py}/delta/__init__.py`]: '' } },
  { name: 'a large file comes into a backend', files: { [`${py}/delta/model`]: 'weights\n'.repeat(100_000) } },
  { name: 'a file with an unusual name comes into a backend', files: { [`${py}/alpha/two wörds [1].txt`]: 'odd\n' } },
  { name: 'a file that begins with a dot comes into a backend', files: { [`${py}/alpha/.env`]: 'A=1\n' } },
  { name: 'a file of a backend is deleted', remove: [`${py}/gamma/extra.py`] },
  { name: 'a folder of a backend is deleted', remove: [`${py}/delta/data`] },
  {
    name: 'a file of a backend gets another name',
    files: { [`${py}/alpha/support.py`]: text(`${py}/alpha/helper.py`) },
    remove: [`${py}/alpha/helper.py`],
  },
  {
    name: 'a file of a backend gets a capital',
    files: { [`${py}/alpha/Helper.py`]: text(`${py}/alpha/helper.py`) },
    remove: [`${py}/alpha/helper.py`],
  },
  {
    name: 'a folder of a backend gets another name',
    files: { [`${py}/delta/assets/one`]: '1\n', [`${py}/delta/assets/two`]: '2\n' },
    remove: [`${py}/delta/data`],
  },
  {
    name: 'two files change places',
    files: { [`${py}/delta/data/one`]: '2\n', [`${py}/delta/data/two`]: '1\n' },
  },
  {
    name: 'a file moves from one backend to another',
    files: { [`${py}/delta/extra.py`]: text(`${py}/gamma/extra.py`) },
    remove: [`${py}/gamma/extra.py`],
  },
  {
    name: 'a file becomes executable',
    files: { [`${py}/alpha/run.py`]: { bytes: text(`${py}/alpha/run.py`), executable: true } },
  },
  { name: 'a file is executable no more', files: { [`${py}/gamma/serve.sh`]: '#!/bin/sh\n' } },
  { name: 'a link leads elsewhere', files: { [`${py}/beta/current`]: { link: 'models/v2' } } },
  { name: 'what a link leads to is edited', files: append(`${py}/beta/models/v1`, 'more\n') },
  { name: 'a link becomes a file', files: { [`${py}/beta/current`]: 'first\n' } },
  { name: 'a file becomes a link', files: { [`${py}/delta/data/two`]: { link: 'one' } } },
  { name: 'a link to nothing comes into a backend', files: { [`${py}/alpha/nothing`]: { link: '../nowhere' } } },
  {
    name: 'a file becomes a folder',
    remove: [`${py}/delta/data/two`],
    files: { [`${py}/delta/data/two/part`]: 'part\n' },
  },
  { name: 'a folder becomes a file', files: { [`${py}/delta/data`]: 'data\n' } },
  { name: 'a file is emptied', files: { [`${py}/gamma/extra.py`]: '' } },
  { name: 'bytes that are no text change', files: { [`${py}/alpha/bytes.bin`]: Uint8Array.from([0, 1, 2, 255]) } },
  { name: 'a file gets CRLF', files: { [`${py}/beta/helper.py`]: crlf(text(`${py}/beta/helper.py`)) } },
  {
    name: 'a file loses the end of its last line',
    files: { [`${py}/beta/helper.py`]: text(`${py}/beta/helper.py`).trimEnd() },
  },
  { name: 'a backend that no target builds is edited', files: append(`${py}/unlisted/run.py`, 'more()\n') },
  { name: 'a new backend comes that no target builds', files: { [`${py}/zeta/run.py`]: 'zeta()\n' } },
  {
    name: "the read-me of a backend's folder, which is ignored, is edited",
    files: append(`${py}/alpha/README.md`, 'x'),
  },
  { name: "a file beside the backends' folders comes", files: { [`${py}/notes.txt`]: 'notes\n' } },
];

const sharedChanges = (edit: Edit, append: Append, text: Text): readonly Change[] => [
  { name: 'the protocol is edited', files: append('proto/backend.proto', 'message Answer {}\n') },
  { name: 'a comment of the protocol is edited', files: edit('proto/backend.proto', 'One call', 'The only call') },
  { name: 'a protocol that nothing copies is edited', files: append('proto/other.proto', 'message More {}\n') },
  { name: 'the shared script is edited', files: append('scripts/install.sh', 'echo installed > made/state\n') },
  { name: 'a comment of the shared script is edited', files: edit('scripts/install.sh', 'Puts a', 'Puts one') },
  { name: 'the shared script is executable no more', files: { 'scripts/install.sh': text('scripts/install.sh') } },
  { name: 'a script that nothing copies is edited', files: append('scripts/release.sh', 'echo more\n') },
  { name: 'the common folder is edited', files: append(`${py}/common/log.py`, 'log("more")\n') },
  { name: 'a file comes into the common folder', files: { [`${py}/common/time.py`]: 'now = 1\n' } },
  { name: 'a file of the common folder is deleted', remove: [`${py}/common/text.py`] },
  { name: 'a log that is ignored comes into the common folder', files: { [`${py}/common/a.log`]: 'log\n' } },
  {
    name: 'the read-me of the common folder, which is ignored, is edited',
    files: append(`${py}/common/README.md`, 'x'),
  },
  { name: "one platform's program is edited", files: append('bin/arm64/helper', 'more\n') },
  { name: "the other platform's program is edited", files: append('bin/amd64/helper', 'more\n') },
  { name: 'a program for a platform that nobody builds comes', files: { 'bin/riscv64/helper': 'helper\n' } },
  { name: 'tests, of a stage that is not reached, are edited', files: append('tests/all.sh', 'echo more\n') },
  { name: 'the read-me is edited', files: append('README.md', 'More.\n') },
  { name: 'documentation is edited', files: append('docs/tool.sh', 'echo more\n') },
  {
    name: 'a file of the documentation becomes executable',
    files: { 'docs/tool.sh': { bytes: text('docs/tool.sh'), executable: true } },
  },
  { name: 'documentation gets CRLF', files: { 'docs/tool.sh': crlf(text('docs/tool.sh')) } },
  { name: 'a new folder comes', files: { 'website/index.html': '<p>\n' } },
  { name: 'an empty commit' },
  { name: 'the submodule moves', submodule: true },
  { name: '.gitattributes comes, which alters no file', files: { '.gitattributes': '*.py diff=python\n' } },
  { name: '.gitignore is edited', files: append('.gitignore', '*.tmp\n') },
];

const ignoreChanges = (edit: Edit, append: Append, text: Text): readonly Change[] => [
  { name: 'a comment of .dockerignore is edited', files: edit('.dockerignore', 'What no', 'That which no') },
  { name: '.dockerignore ignores what is not there', files: append('.dockerignore', 'nowhere/**\n') },
  { name: '.dockerignore ignores one file of a backend', files: append('.dockerignore', `${py}/alpha/helper.py\n`) },
  { name: '.dockerignore ignores a kind of file', files: append('.dockerignore', '**/requirements.txt\n') },
  { name: '.dockerignore takes an exception', files: append('.dockerignore', `!${py}/common/README.md\n`) },
  { name: '.dockerignore ignores read-mes no more', files: edit('.dockerignore', '**/*.md\n', '') },
  {
    name: 'the lines of .dockerignore change places',
    files: { '.dockerignore': `${text('.dockerignore').trim().split('\n').reverse().join('\n')}\n` },
  },
  { name: '.dockerignore gets CRLF', files: { '.dockerignore': crlf(text('.dockerignore')) } },
  {
    name: 'a .dockerignore of the Dockerfile’s own comes, which ignores less',
    files: { [`${dockerfile}.dockerignore`]: '.git\n**/*.log\n' },
  },
  {
    name: 'a .dockerignore of the Dockerfile’s own comes, which ignores the same',
    files: { [`${dockerfile}.dockerignore`]: text('.dockerignore') },
  },
  { name: "another folder's .dockerignore comes, which nothing reads", files: { 'docs/.dockerignore': '*\n' } },
];

const dockerfileChanges = (edit: Edit, append: Append, text: Text): readonly Change[] => [
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

const familyChanges = (edit: Edit, append: Append): readonly Change[] => [
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

const wholeContextChanges = (edit: Edit, append: Append, text: Text): readonly Change[] => [
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

const environment = { Env: ['PATH=/bin'] };

const baseChanges: readonly Change[] = [
  { name: "the backends' base gets other content", base: { repository: 'python', mark: 'moved' } },
  {
    name: "the backends' base gets a variable",
    base: { repository: 'python', config: { Env: ['PATH=/bin', 'NEW=1'] } },
  },
  {
    name: "the backends' base gets an ONBUILD that copies a file",
    base: { repository: 'python', config: { ...environment, OnBuild: ['COPY docs/tool.sh /onbuild'] } },
  },
  { name: 'the base that compiled parts run on moves', base: { repository: 'runtime', mark: 'moved' } },
  { name: 'the base that parts are compiled on moves', base: { repository: 'tools', mark: 'moved' } },
  { name: 'a base is pushed again as it was', base: { repository: 'python' } },
  { name: 'a base that nothing names moves', base: { repository: 'unused', mark: 'moved' } },
];
