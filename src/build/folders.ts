/** What a builder that is a program finds on disk: the keyed files in folders of their own, the Dockerfile beside them, nothing else. */
import { posix } from 'node:path';
import type { Cancel } from '../base/host/cancel.ts';
import type { Host } from '../base/host/host.ts';
import { writeContext } from '../source/inputs/context.ts';
import type { BuildRequest } from './builder.ts';

/** Folders that end with their owner. All paths are absolute. */
export interface BuildFolders extends AsyncDisposable {
  /** The main context. */
  readonly context: string;
  /** The Dockerfile, outside of the context, under its own name. */
  readonly dockerfile: string;
  /** An ignore file that ignores nothing: the context holds what it is to hold already. */
  readonly ignoreFile: string;
  /** Folders among the named contexts, by name. */
  readonly named: ReadonlyMap<string, string>;
  /** An empty folder for whatever the build leaves. */
  readonly scratch: string;
}

// A builder takes an empty ignore file for none, and then the context's own, which was written for another set of files.
const ignoresNothing = '# Every file here is an input of the build.\n';

const nameBytes = 16;

/** Writes a request's files to a temporary folder. */
export async function writeBuildFolders(request: BuildRequest, host: Host, cancel: Cancel): Promise<BuildFolders> {
  const { inputs } = request.keyed;
  const root = await host.files.temporaryFolder('build');
  const scratch = await host.files.temporaryFolder('layout');
  const end = async (): Promise<void> => {
    await Promise.all([root[Symbol.asyncDispose](), scratch[Symbol.asyncDispose]()]);
  };
  try {
    const dockerfile = `${root.path}/dockerfile/${posix.basename(inputs.dockerfile.path)}`;
    const ignoreFile = `${dockerfile}.dockerignore`;
    await host.files.replace(dockerfile, inputs.dockerfile.text);
    await host.files.replace(ignoreFile, ignoresNothing);
    // BuildKit keeps the files of a context by its folder's own name, and takes one whose path, size and time are as before for the same file: no two
    // builds may share a name, for all files here have one time.
    const context = `${root.path}/context-${Buffer.from(host.random(nameBytes)).toString('hex')}`;
    await writeContext(request.context, context, host, cancel);
    const named = new Map<string, string>();
    for (const [name, tree] of inputs.folders) {
      // Numbered: a context's name is no path.
      const folder = `${root.path}/named/${named.size}`;
      await writeContext(tree, folder, host, cancel);
      named.set(name, folder);
    }
    return { context, dockerfile, ignoreFile, named, scratch: scratch.path, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}
