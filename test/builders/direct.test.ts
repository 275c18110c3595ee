// The direct builder by itself: what it refuses, what it forces, and that equal input gives equal bytes.

import { gunzipSync } from 'node:zlib';
import { packTar, unpackTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { nodeHost } from '../../src/base/host/host.ts';
import type { BuildOutcome } from '../../src/build/builder.ts';
import { directBuilder } from '../../src/build/direct/direct.ts';
import { decompress } from '../../src/content/oci/decompress.ts';
import type { Digest } from '../../src/content/oci/digest.ts';
import { type MemoryStore, memoryStore } from '../../src/content/store/memory.ts';
import { buildRequest, type RequestDifferences } from '../support/build-request.ts';
import { directBase } from '../support/direct-bases.ts';
import { type FlatImage, flattenImage, type Pointer } from '../support/flatten.ts';
import { addImage, described, imageStore } from '../support/image-store.ts';
import {
  type Blob,
  blobOf,
  descriptorOf,
  imageOf,
  indexOf,
  jsonBlob,
  mediaTypes,
  type TestImage,
  type TestIndex,
} from '../support/random-image.ts';

interface Built extends FlatImage {
  readonly outcome: BuildOutcome;
  readonly store: MemoryStore;
}

async function build(differences: RequestDifferences, signal?: AbortSignal): Promise<Built> {
  const store = memoryStore();
  const outcome = await directBuilder('1.2.3').build(buildRequest({ store, ...differences }), nodeHost(), { signal });
  return { outcome, store, ...(await flattenImage((pointer) => readFrom(store, pointer), outcome.manifest)) };
}

function readFrom(store: MemoryStore, pointer: Pointer): Promise<Buffer> {
  return collect(store.read({ ...pointer, digest: pointer.digest as Digest }));
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of bytes) pieces.push(piece);
  return Buffer.concat(pieces);
}

const pathsOf = ({ root }: Pick<FlatImage, 'root'>): readonly string[] =>
  [...root].flatMap(([path, what]) => (what.startsWith('d') ? [] : [path])).sort();

const files = {
  'app/tool': { text: '#!/bin/sh\necho tool\n', executable: true },
  'app/conf.txt': 'conf\n',
  'app/to-conf': { linkTo: 'conf.txt' },
  'readme.md': '# Read me\n',
} as const;

test('the outcome tells the manifest with its platform, and who made it', async () => {
  const dockerfile = 'FROM scratch\nCOPY app /app\n';
  const { outcome, config } = await build({ dockerfile, files, platform: 'linux/arm/v7' });
  expect(outcome).toMatchObject({
    manifest: { mediaType: mediaTypes.manifest, platform: { os: 'linux', architecture: 'arm', variant: 'v7' } },
    attestations: [],
    builder: { kind: 'direct', version: '1.2.3' },
  });
  expect(outcome.pushed).toEqual(outcome.manifest);
  const created = '1970-01-01T00:00:00.000Z';
  expect(config).toMatchObject({ os: 'linux', architecture: 'arm', variant: 'v7', created });
});

const everything = [
  'FROM scratch AS one',
  'COPY --chown=7 app /app',
  'FROM scratch',
  'ENV A=1',
  'WORKDIR /w',
  'COPY --from=one /app .',
  'COPY <<X /hello',
  'hello',
  'X',
  'LABEL b=2 a=1',
  'CMD ["x"]',
].join('\n');

describe('equal input, equal bytes', () => {
  test('the diffIDs are the golden ones, on every machine', async () => {
    const { config } = await build({ dockerfile: everything, files });
    expect((config['rootfs'] as { diff_ids: string[] }).diff_ids).toMatchInlineSnapshot(`
      [
        "sha256:ad225af9d16e29a3f3e72f353559e7c42c4c3adc29fccc8ff3e551997530de2d",
        "sha256:e4f47eb63ff4fefb45ab19c38b8ba3ca5f5c8c33c28c2afb0c0758aef6418c41",
        "sha256:3e728ed54ac4b1a5e5315a2a60b598865c5e101db22f0fcf0f7f1a43f902a7a9",
      ]
    `);
  });

  test('the config is the golden one', async () => {
    const { manifest } = await build({ dockerfile: everything, files });
    expect(manifest['config']).toMatchInlineSnapshot(`
      {
        "digest": "sha256:bf7c1c2bfd304b962175fed032a157ad51f8f55aebd1d7d98cbf71f7314c8c68",
        "mediaType": "application/vnd.oci.image.config.v1+json",
        "size": 1162,
      }
    `);
  });

  test('the order in which a tree holds its files does not matter', async () => {
    const turned = Object.fromEntries(Object.entries(files).reverse());
    const one = await build({ dockerfile: everything, files });
    const other = await build({ dockerfile: everything, files: turned });
    expect(other.outcome).toEqual(one.outcome);
  });

  test('SOURCE_DATE_EPOCH is the time of all that is made', async () => {
    const dockerfile = 'FROM scratch\nCOPY app /app\n';
    const inputs = { args: { SOURCE_DATE_EPOCH: '1700000000' } };
    const { config, manifest, store } = await build({ dockerfile, files, inputs });
    const created = '2023-11-14T22:13:20.000Z';
    expect(config).toMatchObject({ created, history: [{ created }] });
    const entries = await unpackTar(gunzipSync(await firstLayer(manifest, store)), { strict: true });
    expect(new Set(entries.map(({ header }) => header.mtime?.getTime()))).toEqual(new Set([1_700_000_000_000]));
  });
});

async function firstLayer(manifest: FlatImage['manifest'], store: MemoryStore): Promise<Buffer> {
  const [layer] = manifest['layers'] as Pointer[];
  if (layer === undefined) throw new Error('no layer');
  return await readFrom(store, layer);
}

const refused: readonly {
  readonly name: string;
  readonly dockerfile: string;
  readonly code: string;
  readonly line: number;
  readonly says: RegExp;
  readonly target?: NonNullable<RequestDifferences['target']>;
}[] = [
  {
    name: 'RUN',
    dockerfile: 'FROM scratch\nENV A=1\n\nRUN make\n',
    code: 'build.needs-run',
    line: 4,
    says: /RUN runs a program/,
  },
  {
    name: 'RUN in a stage that is copied from',
    dockerfile: 'FROM scratch AS a\nRUN x\nFROM scratch\nCOPY --from=a /x /x\n',
    code: 'build.needs-run',
    line: 2,
    says: /RUN/,
  },
  {
    name: 'ADD of a URL',
    dockerfile: 'FROM scratch\nADD https://example.com/x.tar /x\n',
    code: 'build.unsupported',
    line: 2,
    says: /https:\/\/example\.com\/x\.tar/,
  },
  {
    name: 'ADD of a Git repository',
    dockerfile: 'FROM scratch\nADD https://github.com/a/b.git#v1 /x\n',
    code: 'build.unsupported',
    line: 2,
    says: /Git repository/,
  },
  {
    name: 'another frontend',
    dockerfile: '# syntax=example.com/own/frontend:1\nFROM scratch\n',
    code: 'build.unsupported',
    line: 1,
    says: /frontend/,
  },
  {
    name: 'Windows',
    dockerfile: 'FROM --platform=windows/amd64 scratch\nCOPY readme.md /x\n',
    code: 'build.unsupported',
    line: 1,
    says: /Windows/,
  },
  {
    name: 'a context from Git',
    dockerfile: 'FROM scratch\nCOPY --from=g x /x\n',
    code: 'build.unsupported',
    line: 2,
    says: /the context g is a Git repository/,
    target: { contexts: { g: { kind: 'git', url: 'https://github.com/a/b.git' } } },
  },
];

describe('what it refuses', () => {
  test.for(refused)('$name, with its line and who can', async ({ dockerfile, code, line, says, target = {} }) => {
    const store = { ...memoryStore(), write: unexpected, begin: unexpected };
    await expect(build({ dockerfile, files, target, store })).rejects.toMatchObject({
      code,
      place: { file: 'Dockerfile', line },
      message: expect.stringMatching(says),
      hint: 'use builder: buildx or builder: buildah',
    });
  });

  test('RUN in a stage that nothing needs is no reason', async () => {
    const dockerfile = 'FROM scratch AS unused\nRUN x\nFROM scratch\nCOPY readme.md /\n';
    expect(pathsOf(await build({ dockerfile, files }))).toEqual(['readme.md']);
  });

  test.for([
    { name: 'bzip2', bytes: Buffer.from('BZh91AY&SY') },
    { name: 'xz', bytes: Buffer.from('fd377a585a0000', 'hex') },
  ])('an archive of $name, by name', async ({ name, bytes }) => {
    const request = buildRequest({ dockerfile: 'FROM scratch\nADD readme.md /x\n', files });
    const read = async function* () {
      yield bytes;
    };
    const context = { ...request.context, read, sizeBytes: async () => bytes.length };
    await expect(directBuilder('1').build({ ...request, context }, nodeHost(), {})).rejects.toMatchObject({
      code: 'build.unsupported',
      message: expect.stringContaining(name),
      place: { line: 2 },
    });
  });

  test('to go on when it is told to end', async () => {
    const ended = build({ dockerfile: everything, files }, AbortSignal.abort(new Error('stopped')));
    await expect(ended).rejects.toThrow('stopped');
  });
});

test('the first failure of a store ends the build, stays the cause, and leaves no upload open', async () => {
  const real = memoryStore();
  let open = 0;
  const begin = async () => {
    const upload = await real.begin();
    open += 1;
    const append = async () => {
      throw new Error('the disk is full');
    };
    const cancel = async () => {
      open -= 1;
      await upload.cancel();
    };
    return { ...upload, append, cancel };
  };
  await expect(build({ dockerfile: everything, files, store: { ...real, begin } })).rejects.toThrow('the disk is full');
  expect(open).toBe(0);
});

async function unexpected(): Promise<never> {
  throw new Error('nothing may be written');
}

// The examples of the Dockerfile reference, "COPY --parents", and what follows from them.
describe('--parents', () => {
  const tree = {
    'x/a.txt': 'xa',
    'x/y/a.txt': 'xya',
    'x/y/b.txt': 'xyb',
    'y/a.txt': 'ya',
    'src/a.txt': 'sa',
    'src/x/b.txt': 'sxb',
    'src/x/y/c.txt': 'sxyc',
    'src/x/y/c.md': 'md',
  };
  test.for<{ name: string; copy: string; want: readonly string[] }>([
    { name: 'without it the later file wins', copy: './x/a.txt ./y/a.txt /no/', want: ['no/a.txt'] },
    { name: 'folders are kept', copy: '--parents ./x/a.txt ./y/a.txt /p/', want: ['p/x/a.txt', 'p/y/a.txt'] },
    { name: 'those after the pivot', copy: '--parents ./x/./y/*.txt /p/', want: ['p/y/a.txt', 'p/y/b.txt'] },
    {
      name: 'any number of folders',
      copy: '--parents ./src/**/*.txt /p/',
      want: ['p/src/a.txt', 'p/src/x/b.txt', 'p/src/x/y/c.txt'],
    },
    {
      name: 'a folder with all in it',
      copy: '--parents src/x /p/',
      want: ['p/src/x/b.txt', 'p/src/x/y/c.md', 'p/src/x/y/c.txt'],
    },
    { name: 'switched off', copy: '--parents=false ./x/a.txt /p/', want: ['p/a.txt'] },
    {
      name: 'without what is excluded',
      copy: '--parents --exclude=**/*.md src /p/',
      want: ['p/src/a.txt', 'p/src/x/b.txt', 'p/src/x/y/c.txt'],
    },
  ])('$name', async ({ copy, want }) => {
    expect(pathsOf(await build({ dockerfile: `FROM scratch\nCOPY ${copy}\n`, files: tree }))).toEqual(want);
  });

  test('from a stage, with its owners and modes', async () => {
    const stage = 'FROM scratch AS s\nCOPY --chown=3:4 --chmod=750 src /a/b\n';
    const dockerfile = `${stage}FROM scratch\nCOPY --parents --from=s /a/./b/x /p/\n`;
    const { root } = await build({ dockerfile, files: tree });
    expect([...root].map(([path, what]) => `${path} ${what.split(' ').slice(0, 3).join(' ')}`).sort()).toEqual([
      'p d 755 0:0',
      'p/b d 750 3:4',
      'p/b/x d 750 3:4',
      'p/b/x/b.txt - 750 3:4',
      'p/b/x/y d 750 3:4',
      'p/b/x/y/c.md - 750 3:4',
      'p/b/x/y/c.txt - 750 3:4',
    ]);
  });
});

describe('bases', () => {
  const from = (content: TestIndex | TestImage) => async () => await imageStore(content);

  test('their layers are taken as they are, Docker’s types under OCI’s names', async () => {
    const [image] = (await directBase()).images;
    if (image === undefined) throw new Error('no image');
    const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
    const docker = imageWith({
      config: { ...image.config, mediaType: 'application/vnd.docker.container.image.v1+json' },
      layers: image.layers.map((layer) => ({ ...layer, mediaType: dockerLayer })),
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
    });
    const dockerfile = 'FROM docker.example/base\nCOPY readme.md /x\n';
    const { manifest } = await build({ dockerfile, files, open: from(docker) });
    const layers = manifest['layers'] as { digest: string }[];
    expect(layers.slice(0, 2)).toEqual(image.layers.map(descriptorOf));
    expect(layers).toHaveLength(3);
    expect(manifest['mediaType']).toBe(mediaTypes.manifest);
  });

  test('what was keyed is built, though the tag has moved', async () => {
    const [old, moved] = [imageOf([[{ path: 'old' }]]), imageOf([[{ path: 'moved' }]])];
    const store = await imageStore(old, 'before');
    await addImage(store, moved, 'latest');
    const dockerfile = 'FROM registry.example/base\n';
    const bases = [
      { role: 'from' as const, reference: 'registry.example/base', digest: old.manifest.digest as Digest },
    ];
    const open = async () => store;
    expect(pathsOf(await build({ dockerfile, open, inputs: { bases } }))).toEqual(['old']);
    expect(pathsOf(await build({ dockerfile, open }))).toEqual(['moved']);
  });

  test('another target is read where staging has it', async () => {
    const image = imageOf([[{ path: 'from-target', content: Buffer.from('x') }]]);
    const built = { location: { kind: 'layout' as const, path: '/staging' }, manifest: described(image.manifest) };
    const { root } = await build({
      dockerfile: 'FROM built\nCOPY --from=built /from-target /copied\n',
      target: { contexts: { built: { kind: 'target', target: 'other' } } },
      buildsOn: new Map([['other', built]]),
      open: from(indexOf([image])),
    });
    expect(pathsOf({ root })).toEqual(['copied', 'from-target']);
  });

  test('a target that is not built is an error', async () => {
    const target = { contexts: { built: { kind: 'target' as const, target: 'other' } } };
    await expect(build({ dockerfile: 'FROM built\n', target })).rejects.toMatchObject({ code: 'build.failed' });
  });

  test('a base without the platform is an error', async () => {
    const built = build({ dockerfile: 'FROM base\n', platform: 'linux/s390x', open: from(await directBase()) });
    const message = expect.stringContaining('linux/s390x');
    await expect(built).rejects.toMatchObject({ code: 'content.platform', message, place: { line: 1 } });
  });

  test('layers compressed by zstd are read', async () => {
    const body = Buffer.alloc(200_000, 'zstd ');
    const tar = await packTar([{ header: { name: 'deep/file', size: body.length, mtime: new Date(0) }, body }]);
    const image = imageOfTar(tar, blobOf(rawZstd(tar), 'application/vnd.oci.image.layer.v1.tar+zstd'));
    const dockerfile = 'FROM base AS base\nFROM scratch\nCOPY --from=base /deep /copied\n';
    expect(pathsOf(await build({ dockerfile, open: from(image) }))).toEqual(['copied/file']);
  });

  test('attributes of files are kept', async () => {
    const pax = { 'SCHILY.xattr.user.kept': 'yes' };
    const tar = await packTar([{ header: { name: 'file', size: 1, mtime: new Date(0), pax }, body: 'x' }]);
    const image = imageOfTar(tar, blobOf(tar, 'application/vnd.oci.image.layer.v1.tar'));
    const dockerfile = 'FROM base AS base\nFROM scratch\nCOPY --from=base /file /copied\n';
    const { manifest, store } = await build({ dockerfile, open: from(image) });
    const [entry] = await unpackTar(gunzipSync(await firstLayer(manifest, store)), { strict: true });
    expect(entry?.header.pax).toMatchObject(pax);
  });

  test.for([
    { name: 'a hard link to nothing', header: { type: 'link', linkname: 'nothing' }, code: 'content.invalid' },
    { name: 'a path below a file', header: { name: 'file/x' }, code: 'build.copy' },
  ] as const)('a layer with $name is an error', async ({ header, code }) => {
    const mtime = new Date(0);
    const first = { header: { name: 'file', size: 0, mtime } };
    const tar = await packTar([first, { header: { name: 'other', size: 0, mtime, ...header } }]);
    const image = imageOfTar(tar, blobOf(tar, 'application/vnd.oci.image.layer.v1.tar'));
    const dockerfile = 'FROM base\nCOPY readme.md /x\n';
    await expect(build({ dockerfile, files, open: from(image) })).rejects.toMatchObject({ code, place: { line: 2 } });
  });
});

function imageOfTar(tar: Uint8Array, layer: Blob): TestImage {
  const rootfs = { type: 'layers', diff_ids: [blobOf(tar).digest] };
  const config = jsonBlob({ os: 'linux', architecture: 'amd64', config: {}, rootfs }, mediaTypes.config);
  return imageWith({ config, layers: [layer], mediaType: mediaTypes.manifest });
}

function imageWith(parts: { config: Blob; layers: readonly Blob[]; mediaType: string }): TestImage {
  const { config, layers, mediaType } = parts;
  const manifest = { schemaVersion: 2, mediaType, config: descriptorOf(config), layers: layers.map(descriptorOf) };
  return { platform: { os: 'linux', architecture: 'amd64' }, config, layers, manifest: jsonBlob(manifest, mediaType) };
}

test('annotations that are meant for the manifest stand in it', async () => {
  const annotations = {
    plain: '1',
    'manifest:own': '2',
    'manifest[linux/amd64]:here': '3',
    'manifest[linux/arm64]:elsewhere': '4',
    'index:not': '5',
    'index,manifest:both': '6',
  };
  const { manifest } = await build({ dockerfile: 'FROM scratch\nCOPY readme.md /\n', files, target: { annotations } });
  expect(manifest['annotations']).toEqual({ plain: '1', own: '2', here: '3', both: '6' });
});

test('what is decompressed is what was compressed, by zstd too', async () => {
  const bytes = Buffer.alloc(300_000, 'some bytes ');
  async function* inPieces(): AsyncIterable<Uint8Array> {
    const whole = rawZstd(bytes);
    for (let at = 0; at < whole.length; at += 4096) yield whole.subarray(at, at + 4096);
  }
  expect((await collect(decompress(inPieces()))).equals(bytes)).toBe(true);
});

/** A zstd frame of blocks that are not compressed (RFC 8878, 3.1.1): valid, and made without a codec. */
function rawZstd(bytes: Uint8Array): Buffer {
  const blockBytes = 65_536;
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  const blocks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const piece = Buffer.from(bytes.subarray(at, at + blockBytes));
    const header = Buffer.alloc(3);
    header.writeUIntLE((piece.length << 3) | (at + blockBytes >= bytes.length ? 1 : 0), 0, 3);
    blocks.push(header, piece);
  }
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0]), size, ...blocks]);
}
