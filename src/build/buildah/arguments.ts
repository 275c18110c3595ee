/** The argument list of `buildah build`. Every value stands behind `--flag=`, so that none can become a flag of its own. */
import { formatPlatform } from '../../content/oci/platform.ts';
import { formatLocation, type Location, parseReference } from '../../content/oci/reference.ts';
import type { NamedContext } from '../../source/project/model.ts';
import type { BuildRequest } from '../builder.ts';
import { annotationsOf } from '../direct/annotations.ts';
import type { BuildFolders } from '../folders.ts';
import { forcedImages } from '../forced.ts';
import { isLoopback } from '../loopback.ts';

/** Images out of OCI layouts, as Buildah can name them (`oci:PATH:TAG`), by the name that the Dockerfile has for each. */
export type LayoutImages = ReadonlyMap<string, string>;

/** What `buildah build` is called with. `image` is the name that the result bears in its local storage. */
export function buildArguments(
  request: BuildRequest,
  folders: BuildFolders,
  layouts: LayoutImages,
  image: string,
): readonly string[] {
  const { leg, inputs } = request.keyed;
  const { target } = leg;
  return [
    'build',
    `--platform=${formatPlatform(leg.platform)}`,
    `--file=${folders.dockerfile}`,
    `--ignorefile=${folders.ignoreFile}`,
    `--tag=${image}`,
    ...alike,
    ...(readsLoopbackOnly(request) ? ['--tls-verify=false'] : []),
    ...(target.stage === undefined ? [] : [`--target=${target.stage}`]),
    ...pairs('label', target.labels),
    ...pairs('annotation', annotationsOf(target.annotations, leg.platform)),
    ...pairs('build-arg', inputs.args),
    ...pairs('build-context', buildContexts(request, folders, layouts)),
    ...(target.network === undefined || target.network === 'default' ? [] : [`--network=${target.network}`]),
    ...target.secret.map((value) => `--secret=${value}`),
    ...target.ssh.map((value) => `--ssh=${value}`),
    '--',
    folders.context,
  ];
}

/** Equal inputs give equal bytes, whatever the machine's own configuration says: no time, no version, no layers of earlier builds. */
const alike = ['--format=oci', '--timestamp=0', '--identity-label=false', '--layers=false', '--http-proxy=false'];

/** Whether every image that is read stands on this machine: only then is plain HTTP allowed. */
export function readsLoopbackOnly(request: Pick<BuildRequest, 'keyed' | 'buildsOn'>): boolean {
  const { inputs, leg } = request.keyed;
  const images = Object.values(leg.target.contexts).flatMap((context) =>
    context.kind === 'image' ? [context.reference] : [],
  );
  // Buildah has no frontends.
  const bases = inputs.bases.flatMap(({ role, reference }) => (role === 'frontend' ? [] : [reference]));
  const read: readonly Location[] = [
    ...forcedImages(request).map(({ location }) => location),
    ...[...bases, ...images].map((reference) => parseReference(reference).location),
  ];
  const hosts = read.flatMap((location) => (location.kind === 'registry' ? [location.host] : []));
  return hosts.length > 0 && hosts.every(isLoopback);
}

function buildContexts(
  request: BuildRequest,
  folders: BuildFolders,
  layouts: LayoutImages,
): Readonly<Record<string, string>> {
  const forced = Object.fromEntries(
    forcedImages(request).flatMap(({ name, location, digest }) =>
      location.kind === 'layout' ? [] : [[name, `docker-image://${formatLocation(location)}@${digest}`]],
    ),
  );
  const named = Object.entries(request.keyed.leg.target.contexts).flatMap(([name, context]) => {
    const value = namedContext(name, context, folders);
    return value === undefined ? [] : [[name, value]];
  });
  const fromLayouts = [...layouts].map(([name, image]) => [name, `docker-image://${image}`]);
  return { ...Object.fromEntries(named), ...forced, ...Object.fromEntries(fromLayouts) };
}

function namedContext(name: string, context: NamedContext, folders: BuildFolders): string | undefined {
  switch (context.kind) {
    case 'folder':
      return folders.named.get(name);
    case 'image':
      return `docker-image://${context.reference}`;
    case 'git':
      return context.url;
    case 'layout':
    case 'target':
      return undefined;
    default:
      return context satisfies never;
  }
}

function pairs(flag: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--${flag}=${name}=${value}`);
}
