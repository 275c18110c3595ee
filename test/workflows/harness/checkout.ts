// What actions/checkout does: the commit of the run, as deep as asked, on its branch.

import { appendFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runOk } from '../../support/run.ts';
import { gitEnvironment } from './origin.ts';

/** What the action was asked for. */
export interface CheckoutRequest {
  /** The hosted repository's address. */
  readonly url: string;
  /** The run's ref and commit; `with: ref` overrides both. */
  readonly ref: string;
  readonly sha: string;
  readonly workspace: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly token: string;
}

const known = ['ref', 'fetch-depth', 'fetch-tags', 'path', 'persist-credentials', 'clean', 'token', 'show-progress'];

/** Checks out. Throws for inputs that it does not carry out, and where git fails. */
export async function checkOut(request: CheckoutRequest): Promise<void> {
  const { inputs, url, token } = request;
  const strange = Object.keys(inputs).filter((name) => !known.includes(name));
  if (strange.length > 0) throw new Error(`actions/checkout: ${strange.join(', ')} is not carried out`);
  const folder = join(request.workspace, inputs['path'] ?? '');
  mkdirSync(folder, { recursive: true });
  const git = (...args: readonly string[]): Promise<string> => runOk('git', args, { cwd: folder, env: gitEnvironment });
  if (!existsSync(join(folder, '.git'))) {
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    await git('init', '-q', '-b', 'main');
    await git('remote', 'add', 'origin', url);
  }
  const depth = Number(inputs['fetch-depth'] ?? 1);
  const wanted = await wantedRef(request, git);
  const tags = '+refs/tags/*:refs/tags/*';
  if (depth === 0)
    await git('fetch', '-q', '--no-tags', '--prune', 'origin', '+refs/heads/*:refs/remotes/origin/*', tags);
  const more = depth > 0 && inputs['fetch-tags'] === 'true' ? [tags] : [];
  const shallow = depth === 0 ? [] : [`--depth=${depth}`];
  // A second time after all: the branch may have moved since the run began.
  await git('fetch', '-q', '--no-tags', ...shallow, 'origin', wanted.spec, ...more);
  await git('checkout', '-q', '--force', ...wanted.checkout);
  // The token stays for later steps unless told: so a test can see who has it.
  if (inputs['persist-credentials'] !== 'false') {
    appendFileSync(
      join(folder, '.git', 'config'),
      `[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic ${token}\n`,
    );
  }
}

interface Wanted {
  readonly spec: string;
  readonly checkout: readonly string[];
}

async function wantedRef(request: CheckoutRequest, git: (...args: string[]) => Promise<string>): Promise<Wanted> {
  const { inputs, ref, sha } = request;
  const asked = inputs['ref'] ?? '';
  if (asked === '') return refOfRun(ref, sha);
  if (/^[0-9a-f]{40}$/.test(asked)) return { spec: asked, checkout: ['--detach', asked] };
  const found = await git('ls-remote', 'origin', asked, `refs/heads/${asked}`, `refs/tags/${asked}`);
  const [tip = '', full = ''] = found.split('\n')[0]?.split('\t') ?? [];
  if (full === '') throw new Error(`a branch or tag with the name '${asked}' could not be found`);
  return refOfRun(full, tip);
}

// By commit, not by branch: it may have moved since the run began.
function refOfRun(ref: string, sha: string): Wanted {
  if (ref.startsWith('refs/heads/')) {
    const branch = ref.slice('refs/heads/'.length);
    const tracking = `refs/remotes/origin/${branch}`;
    return { spec: `+${sha}:${tracking}`, checkout: ['-B', branch, tracking] };
  }
  if (ref.startsWith('refs/pull/')) {
    const tracking = `refs/remotes/${ref.slice('refs/'.length)}`;
    return { spec: `+${sha}:${tracking}`, checkout: ['--detach', tracking] };
  }
  return { spec: `+${sha}:${ref}`, checkout: ['--detach', ref] };
}
