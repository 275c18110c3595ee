// Brings one tool's binary for one platform from npm: `npm ci` checks it against the tool's lock file.
// FANFOLD_TARGET names the tool's folder, FANFOLD_PLATFORM the platform; the result is FOLDER/bin.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const processors = {
  amd64: 'x64',
  386: 'ia32',
  arm: 'arm',
  arm64: 'arm64',
  loong64: 'loong64',
  mips64le: 'mips64el',
  ppc64le: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
};

const tool = process.env.FANFOLD_TARGET;
const [os, architecture] = (process.env.FANFOLD_PLATFORM ?? '').split('/');
const cpu = processors[architecture];
if (!tool || os !== 'linux' || cpu === undefined) {
  throw new Error(`no binary of ${tool} for ${process.env.FANFOLD_PLATFORM}`);
}

const wanted = [`--os=${os}`, `--cpu=${cpu}`, '--libc=musl'];
const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
const npm = spawnSync('npm', ['ci', ...wanted, ...quiet], { cwd: tool, stdio: ['ignore', 'ignore', 'inherit'] });
if (npm.error) throw npm.error;
if (npm.status !== 0) process.exit(npm.status ?? 1);

// The package is the only one that npm found fit for the platform: a scope's folder, or the package itself.
const modules = join(tool, 'node_modules');
const packages = readdirSync(modules)
  .filter((name) => !name.startsWith('.'))
  .flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => join(name, inner)) : [name],
  );
if (packages.length !== 1) throw new Error(`${tool}: ${packages.length} packages for ${os}/${architecture}`);

const bin = join(tool, 'bin');
rmSync(bin, { recursive: true, force: true });
mkdirSync(bin);
const from = join(modules, packages[0]);
const inside = readdirSync(from);
const folder = ['bin', 'lib'].find((name) => inside.includes(name));
cpSync(folder === undefined ? from : join(from, folder), bin, {
  recursive: true,
  filter: (path) => !/\.(md|json)$/i.test(path) || folder === 'lib',
});
