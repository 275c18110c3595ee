// An image with attestations beside it, in the form that BuildKit gives them.

import { blobOf, descriptorOf, jsonBlob, mediaTypes, type TestImage, type TestIndex } from './random-image.ts';

const unknown = { os: 'unknown', architecture: 'unknown' };

/** An index of the image and of an attestation manifest that holds the statements, given as they stand. */
export function attestedImage(
  image: TestImage,
  statements: readonly { predicateType: string; text: string }[],
): TestIndex {
  const layers = statements.map(({ text }) => blobOf(Buffer.from(text), 'application/vnd.in-toto+json'));
  const config = jsonBlob(
    { ...unknown, config: {}, rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) } },
    mediaTypes.config,
  );
  const manifest = jsonBlob(
    {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: descriptorOf(config),
      layers: layers.map((layer, at) => ({
        ...descriptorOf(layer),
        annotations: { 'in-toto.io/predicate-type': statements[at]?.predicateType },
      })),
    },
    mediaTypes.manifest,
  );
  const annotations = {
    'vnd.docker.reference.digest': image.manifest.digest,
    'vnd.docker.reference.type': 'attestation-manifest',
  };
  const manifests = [
    { ...descriptorOf(image.manifest), platform: image.platform },
    { ...descriptorOf(manifest), annotations, platform: unknown },
  ];
  const index = jsonBlob({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }, mediaTypes.index);
  return { index, images: [image, { platform: unknown, manifest, config, layers }] };
}

/** The text of an in-toto statement about the image, with a subject of each name. */
export function statementText(image: TestImage, predicateType: string, names: readonly string[]): string {
  const digest = { sha256: image.manifest.digest.split(':')[1] };
  const subject = names.map((name) => ({ name, digest }));
  return JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', predicateType, subject, predicate: {} });
}
