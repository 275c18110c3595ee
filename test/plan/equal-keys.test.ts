// The plan job and a leg job are different machines: another Node.js, umask, locale, time zone, Git configuration, path and depth of clone.
// They make the same keys of a commit, from the same documents, and write the same contexts.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { otherNode } from '../support/other-node.ts';
import { type TestRepository, testRepository } from '../support/repository.ts';
import { runOk } from '../support/run.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts';
import type { MachineReport } from './equal-keys-machine.ts';
import { recordedFamily } from './recorded-family.ts';

/** A machine. */
interface Machine {
  readonly node: string;
  readonly umask: string;
  /** The checkout's folder, on this machine. */
  readonly folder: string;
  readonly gitConfig: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clone: readonly string[];
}

const plain: Machine = {
  node: process.execPath,
  umask: '022',
  folder: 'work',
  gitConfig: '',
  env: { LANG: 'C.UTF-8', TZ: 'UTC' },
  clone: [],
};
const oddGit = `[core]
\tautocrlf = true
\tfileMode = false
\tquotePath = false
\tabbrev = 4
[color]
\tui = always
[status]
\tshowUntrackedFiles = no
\tshort = true
[diff]
\tnoprefix = true
[log]
\tdate = relative
[filter "spoil"]
\tsmudge = tr a-z A-Z
\tclean = tr A-Z a-z
`;
const odd: Omit<Machine, 'node'> = {
  umask: '077',
  folder: 'sömewhere else/deep/in it',
  gitConfig: oddGit,
  env: { LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati', GIT_PAGER: 'cat' },
  clone: ['--depth', '1'],
};

const more = {
  '.gitattributes': '*.py text eol=crlf\n*.flt filter=spoil\nexported export-ignore\nstamp export-subst ident\n',
  'backend/python/alpha/b.flt': 'a filter would spoil this\n',
  'backend/python/alpha/exported': 'a git archive has no such file\n',
  'backend/python/alpha/stamp': '$Format:%H$ $Id$\n',
  'backend/python/alpha/ıİ é 日本': 'names\n',
  'backend/python/alpha/Zebra': 'capital\n',
};

describe('keys on different machines', { timeout: 300_000 }, () => {
  let repository: TestRepository;
  let library: TestRepository;
  let place: TemporaryFolder;
  let reference: MachineReport;

  beforeAll(async () => {
    [repository, library, place] = [await testRepository(), await testRepository(), temporaryFolder('machines')];
    await library.commit({ 'lib.py': 'lib = 1\n' });
    repository.write({ ...recordedFamily('base.test'), ...more });
    await repository.git('submodule', '--quiet', 'add', library.path, 'vendor/lib');
    await repository.commit();
    await repository.commit({ 'README.md': '# Later\n' });
    const entry = join(import.meta.dirname, 'equal-keys-machine.ts');
    const outfile = join(place.path, 'machine.mjs');
    // CommonJS packages among the dependencies ask for Node's own modules.
    const banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      banner,
    });
    reference = await reportOf(plain, 'plain');
  }, 120_000);
  afterAll(() => {
    for (const one of [repository, library, place]) one[Symbol.dispose]();
  });

  /** Clones the repository as the machine would, and asks it. */
  async function reportOf(machine: Machine, name: string): Promise<MachineReport> {
    const home = join(place.path, name);
    const checkout = join(home, machine.folder);
    mkdirSync(checkout, { recursive: true });
    writeFileSync(join(home, '.gitconfig'), `[protocol "file"]\n\tallow = always\n${machine.gitConfig}`);
    const env = { PATH: process.env['PATH'] ?? '', HOME: home, GIT_CONFIG_NOSYSTEM: '1', ...machine.env };
    const script = `umask ${machine.umask} && exec git "$@"`;
    const flags = ['clone', '--quiet', '--recurse-submodules', ...machine.clone];
    await runOk('sh', ['-c', script, 'sh', ...flags, `file://${repository.path}`, checkout], { env, cwd: home });
    const args = [join(place.path, 'machine.mjs'), checkout, machine.umask, join(home, 'contexts')];
    return JSON.parse(await runOk(machine.node, args, { env, cwd: home }));
  }

  function expectEqual(report: MachineReport): void {
    const bySide = ({ legs }: MachineReport, field: 'key' | 'document' | 'context') =>
      Object.fromEntries(legs.map((leg) => [leg.name, leg[field]]));
    for (const field of ['key', 'document', 'context'] as const) {
      expect(bySide(report, field)).toEqual(bySide(reference, field));
    }
  }

  test('what is compared is worth it', () => {
    expect(reference.legs).toHaveLength(10);
    const alpha = reference.legs.find(({ name }) => name === 'alpha@linux/amd64')?.context ?? [];
    const paths = alpha.map(([path]) => path);
    for (const path of Object.keys(more).slice(1)) expect(paths).toContain(path);
    expect(paths).toContain('vendor/lib/lib.py');
    expect(alpha.map(([, mode]) => mode)).toContain('100755');
  });

  test('umask, locale, time zone, Git configuration, path and a shallow clone', async () => {
    const report = await reportOf({ ...plain, ...odd }, 'odd');
    // The checkouts and machines do differ: else this would show nothing.
    const [left, right] = [plain, odd].map(({ folder }, at) => join(place.path, at === 0 ? 'plain' : 'odd', folder));
    const read = (folder: string | undefined, path: string) => readFileSync(join(folder ?? '', path), 'utf8');
    for (const path of ['README.md', 'backend/python/alpha/b.flt'])
      expect(read(right, path)).not.toBe(read(left, path));
    expect(report.local).not.toBe(reference.local);
    expectEqual(report);
  });

  test.for([
    { name: 'alone', machine: plain },
    { name: 'and all the rest', machine: odd },
  ])('another Node.js, $name', async ({ name, machine }, { expect, skip }) => {
    const node = await otherNode();
    if (node === undefined) return skip('no other Node.js');
    const report = await reportOf({ ...plain, ...machine, node }, `node ${name}`);
    expect(report.version.split('.')[0]).not.toBe(process.version.split('.')[0]);
    expectEqual(report);
  });
});
