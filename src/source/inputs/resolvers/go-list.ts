/** What Go itself says that a package is made of, where it is at hand and the files are those on disk. */
import { posix, relative } from 'node:path';
import type { Cancel } from '../../../base/host/cancel.ts';
import type { ResolverContext } from './resolver.ts';

/** One line to a package that is not Go's own: its folder and what it embeds. */
const format = '{{if not .Standard}}{{.Dir}}{{range .EmbedFiles}}\t{{.}}{{end}}{{end}}';

/** Paths from the family's root. */
export interface GoListed {
  readonly folders: readonly string[];
  readonly embedded: readonly string[];
}

/**
 * Packages' folders and embedded files below the family's root; none where Go is not there. It never uses the network and writes
 * nothing: modules that are not at hand are left out (`-e`), and are in no tree anyway.
 */
export async function goListed(member: string, { folder, host }: ResolverContext, cancel: Cancel): Promise<GoListed> {
  const nothing = { folders: [], embedded: [] };
  if (folder === undefined) return nothing;
  const args = ['list', '-e', '-deps', '-f', format, '.'];
  const options = { cwd: posix.join(folder, member), env: goEnvironment(host.env) };
  const result = await host.exec.run('go', args, options, cancel).catch(() => undefined);
  cancel.signal?.throwIfAborted();
  if (result?.status !== 0) return nothing;
  const lines = Buffer.from(result.stdout).toString('utf8').split('\n');
  const packages = lines.flatMap((line) => packageOf(line, folder));
  return { folders: packages.map(({ path }) => path), embedded: packages.flatMap(({ embedded }) => embedded) };
}

function packageOf(
  line: string,
  root: string,
): readonly { readonly path: string; readonly embedded: readonly string[] }[] {
  const [folder = '', ...embedded] = line.split('\t');
  const path = relative(root, folder);
  if (folder === '' || path.startsWith('..')) return [];
  return [{ path, embedded: embedded.map((file) => posix.join(path, file)) }];
}

function goEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const passed = Object.entries(env).filter(([name]) =>
    /^(?:PATH|HOME|TMPDIR|GOROOT|GOPATH|GOMODCACHE|GOCACHE)$/.test(name),
  );
  return {
    ...Object.fromEntries(passed),
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local',
    GOFLAGS: '',
    GOOS: 'linux',
    CGO_ENABLED: '1',
  };
}
