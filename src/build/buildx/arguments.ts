/** The argument list of `docker buildx build`. Every value stands behind `--flag=`, so that none can become a flag of its own. */

import { formatPlatform } from '../../content/oci/platform.ts';
import { formatLocation } from '../../content/oci/reference.ts';
import type { KeyedLeg } from '../../source/inputs/leg-inputs.ts';
import type { AttestationSetting, NamedContext } from '../../source/project/model.ts';
import type { BuildRequest } from '../builder.ts';
import { annotationsOf } from '../direct/annotations.ts';
import type { BuildFolders } from '../folders.ts';
import { type ForcedImage, forcedFrontend, forcedImages } from '../forced.ts';

/** What `docker buildx build` is called with, the outputs left to the way that the content takes. */
export function buildArguments(
  request: BuildRequest,
  folders: BuildFolders,
  outputs: readonly string[],
  more: readonly string[] = [],
): readonly string[] {
  const { leg, inputs } = request.keyed;
  return [
    'buildx',
    'build',
    ...builderArguments(leg.target.builder),
    `--platform=${formatPlatform(leg.platform)}`,
    `--file=${folders.dockerfile}`,
    ...stageArguments(request.keyed),
    ...pairs('label', leg.target.labels),
    ...pairs('annotation', annotationsOf(leg.target.annotations, leg.platform), 'manifest:'),
    ...pairs('build-arg', buildArgs(inputs)),
    ...contextArguments(request, folders),
    ...sandboxArguments(request.keyed),
    ...leg.target.cacheFrom.map((cache) => `--cache-from=${cache}`),
    ...leg.target.cacheTo.map((cache) => `--cache-to=${cache}`),
    ...(request.fresh === true ? ['--no-cache'] : []),
    ...attestationArguments(leg.target.attestations),
    ...outputs.map((output) => `--output=${output}`),
    ...more,
    '--progress=plain',
    '--',
    folders.context,
  ];
}

/** `--builder` where the configuration names one. */
export function builderArguments(setting: KeyedLeg['leg']['target']['builder']): readonly string[] {
  return setting?.kind === 'buildx' && setting.name !== undefined ? [`--builder=${setting.name}`] : [];
}

/** A list of `key=value` as CSV, which is what `--output` reads; values that hold a comma or a quote are quoted. */
export function csv(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .map((field) => (/[",\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field))
    .join(',');
}

function stageArguments({ leg }: KeyedLeg): readonly string[] {
  return leg.target.stage === undefined ? [] : [`--target=${leg.target.stage}`];
}

/** All arguments; the frontend's by digest, which wins over the Dockerfile's `# syntax=`. */
function buildArgs(inputs: KeyedLeg['inputs']): Readonly<Record<string, string>> {
  const frontend = forcedFrontend(inputs.bases);
  return frontend === undefined ? inputs.args : { ...inputs.args, BUILDKIT_SYNTAX: frontend };
}

function contextArguments(request: BuildRequest, folders: BuildFolders): readonly string[] {
  const forced = new Map(forcedImages(request).map((image) => [image.name, imageContext(image)]));
  const named = Object.entries(request.keyed.leg.target.contexts).flatMap(([name, context]) => {
    const value = namedContext(name, context, folders);
    return value === undefined ? [] : [[name, value] as const];
  });
  return [...new Map([...named, ...forced])].map(([name, value]) => `--build-context=${name}=${value}`);
}

function namedContext(name: string, context: NamedContext, folders: BuildFolders): string | undefined {
  switch (context.kind) {
    case 'folder':
      return folders.named.get(name);
    case 'image':
      return `docker-image://${context.reference}`;
    case 'layout':
      return `oci-layout://${context.reference}`;
    case 'git':
      return context.url;
    case 'target':
      return undefined;
    default:
      return context satisfies never;
  }
}

function imageContext({ location, digest }: ForcedImage): string {
  return location.kind === 'layout'
    ? `oci-layout://${location.path}@${digest}`
    : `docker-image://${formatLocation(location)}@${digest}`;
}

function sandboxArguments({ leg }: KeyedLeg): readonly string[] {
  const { network, secret, ssh } = leg.target;
  return [
    ...(network === undefined ? [] : [`--network=${network}`]),
    ...(network === 'host' ? ['--allow=network.host'] : []),
    ...secret.map((value) => `--secret=${value}`),
    ...ssh.map((value) => `--ssh=${value}`),
  ];
}

/** Both are always told: Buildx adds a provenance of its own where nothing is said. */
function attestationArguments({ provenance, sbom }: AttestationSetting): readonly string[] {
  const generator = typeof sbom === 'string' ? `,${csv({ generator: sbom })}` : '';
  return [
    provenance === false ? '--provenance=false' : `--attest=type=provenance,mode=${provenance}`,
    sbom === false ? '--sbom=false' : `--attest=type=sbom${generator}`,
  ];
}

function pairs(flag: string, values: Readonly<Record<string, string>>, prefix = ''): readonly string[] {
  return Object.entries(values).map(([name, value]) => `--${flag}=${prefix}${name}=${value}`);
}
