/** Where builders keep what they make on this machine: what their disk use is measured by. */
import type { Cancel } from '../base/host/cancel.ts';
import type { BuilderKind } from './builder.ts';
import { outputOf, type ProgramHost } from './machine.ts';
import { once } from './once.ts';

const asked = once<readonly string[]>();

/** The folders of a builder's images and cache, as far as they can be known; none for an engine on another machine. Asked once for each host. */
export async function dataFolders(kind: BuilderKind, host: ProgramHost, cancel: Cancel): Promise<readonly string[]> {
  if (kind === 'direct') return [];
  const ask = kind === 'buildah' ? buildahRoot : engineRoot;
  return await asked(host, kind, (stop) => ask(host, stop), cancel);
}

/** A builder in a container keeps its cache in a volume of the engine's, below the same folder. */
async function engineRoot(host: ProgramHost, cancel: Cancel): Promise<readonly string[]> {
  if (!/^(?:unix:.*)?$/.test(host.env['DOCKER_HOST'] ?? '')) return [];
  return absolute(await outputOf(host, 'docker', ['info', '--format={{.DockerRootDir}}'], cancel));
}

async function buildahRoot(host: ProgramHost, cancel: Cancel): Promise<readonly string[]> {
  return absolute(await outputOf(host, 'buildah', ['info', '--format={{.store.GraphRoot}}'], cancel));
}

function absolute(text = ''): readonly string[] {
  const path = text.trim();
  return path.startsWith('/') && !path.includes('\n') ? [path] : [];
}
