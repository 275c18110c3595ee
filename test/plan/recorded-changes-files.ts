// Recorded changes of files: backends, what they share, ignore files.

import { type Change, crlf, type Edits } from './recorded-changes-edits.ts';

const py = 'backend/python';
const dockerfile = 'backend/Dockerfile.python';

/** Of the backends' folders. */
export const backendChanges = ({ edit, append, text }: Edits): readonly Change[] => [
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

/** Of what backends share, and of what no backend takes. */
export const sharedChanges = ({ edit, append, text }: Edits): readonly Change[] => [
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

/** Of ignore files. */
export const ignoreChanges = ({ edit, append, text }: Edits): readonly Change[] => [
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
