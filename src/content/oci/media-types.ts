/** Media types, OCI's and Docker's schema 2, and what each is. */

/** OCI image specification 1.1, media-types.md. */
export const ociTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  empty: 'application/vnd.oci.empty.v1+json',
} as const;

/** Docker image manifest version 2, schema 2. */
export const dockerTypes = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
  config: 'application/vnd.docker.container.image.v1+json',
  layerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

/** The media type of an in-toto statement in an attestation manifest of BuildKit's form. */
export const inTotoType = 'application/vnd.in-toto+json';

/** All manifest types, as an Accept header takes them: always send all four. */
export const manifestTypes: readonly string[] = [
  ociTypes.index,
  ociTypes.manifest,
  dockerTypes.list,
  dockerTypes.manifest,
];

/** Whether content of this type is an index or a Docker manifest list. */
export function isIndexType(mediaType: string): boolean {
  return mediaType === ociTypes.index || mediaType === dockerTypes.list;
}

/** Whether content of this type is an image manifest. */
export function isImageManifestType(mediaType: string): boolean {
  return mediaType === ociTypes.manifest || mediaType === dockerTypes.manifest;
}

/** Whether content of this type is pushed and read as a manifest, not as a blob. */
export function isManifestType(mediaType: string): boolean {
  return isIndexType(mediaType) || isImageManifestType(mediaType);
}
