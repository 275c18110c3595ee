import { describe, expect, test } from 'vitest';
import { type Descriptor, describe as describeBytes } from './descriptor.ts';
import { isForeign, successors, type Visit, walk } from './graph.ts';
import { type Manifest, makeIndex, parseManifest, serializeManifest } from './manifest.ts';
import { ociTypes } from './media-types.ts';

const held = new Map<string, Uint8Array>();

function hold(manifest: Manifest): Descriptor {
  const bytes = serializeManifest(manifest);
  const content = describeBytes(manifest.mediaType, bytes);
  held.set(content.digest, bytes);
  return content;
}

function image(seed: string, subject?: Descriptor): Manifest {
  const config = describeBytes(ociTypes.config, Buffer.from(`config ${seed}`));
  const layers = [describeBytes(ociTypes.layer, Buffer.from(`layer ${seed}`)), shared];
  return {
    kind: 'manifest',
    mediaType: ociTypes.manifest,
    config,
    layers,
    ...(subject === undefined ? {} : { subject }),
  };
}

const shared = describeBytes(ociTypes.layer, Buffer.from('shared'));
const read = async (content: Descriptor): Promise<Manifest> =>
  parseManifest(held.get(content.digest) ?? new Uint8Array(), content.mediaType);

async function visit(root: Descriptor, bounds?: Parameters<typeof walk>[2]): Promise<readonly Visit[]> {
  const visits: Visit[] = [];
  for await (const one of walk(root, read, bounds)) visits.push(one);
  return visits;
}

test('successors come in the order of the manifest, the subject first', () => {
  const subject = hold(image('subject'));
  const manifest = image('a', subject);
  if (manifest.kind !== 'manifest') throw new Error('an image was made');
  expect(successors(manifest)).toEqual([subject, manifest.config, ...manifest.layers]);
  const index = makeIndex([subject], { subject });
  expect(successors(index)).toEqual([subject, subject]);
});

describe('walk', () => {
  test('comes to each digest once, parents first', async () => {
    const [one, two] = [hold(image('one')), hold(image('two'))];
    const root = hold(makeIndex([one, two, one]));
    const visits = await visit(root);
    expect(visits.map(({ content }) => content.digest)).toHaveLength(1 + 2 + 2 * 2 + 1);
    expect(new Set(visits.map(({ content }) => content.digest)).size).toBe(visits.length);
    expect(visits[0]?.manifest?.kind).toBe('index');
  });

  test('is refused past its bounds', async () => {
    let root = hold(image('deep'));
    for (let depth = 1; depth < 8; depth++) root = hold(makeIndex([root]));
    expect(await visit(root)).toHaveLength(8 + 3);
    await expect(visit(hold(makeIndex([root])))).rejects.toMatchObject({ code: 'content.too-deep' });
    await expect(visit(root, { maxDepth: 8, maxCount: 5 })).rejects.toMatchObject({ code: 'content.too-deep' });
  });
});

test.for([
  { mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', urls: ['https://a'], foreign: true },
  { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', urls: ['https://a'], foreign: true },
  { mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', urls: [], foreign: false },
  { mediaType: ociTypes.layerGzip, urls: ['https://a'], foreign: false },
])('$mediaType with $urls is foreign: $foreign', ({ mediaType, urls, foreign }) => {
  expect(isForeign({ ...shared, mediaType, urls })).toBe(foreign);
});
