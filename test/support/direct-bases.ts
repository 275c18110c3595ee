// Base images for the direct builder's judge: with links, owners, special bits, hard links, and layers that take away.

import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import {
  type Blob,
  blobOf,
  descriptorOf,
  indexOf,
  jsonBlob,
  mediaTypes,
  type TestImage,
  type TestIndex,
} from './random-image.ts';

const epoch = new Date(0);
type Header = Partial<TarEntry['header']>;

function entry(name: string, header: Header, body = ''): TarEntry {
  return { header: { name, size: Buffer.byteLength(body), mtime: epoch, uid: 0, gid: 0, ...header }, body };
}

const folder = (name: string, mode = 0o755, header: Header = {}): TarEntry =>
  entry(name, { type: 'directory', mode, ...header });
const file = (name: string, body: string, mode = 0o644, header: Header = {}): TarEntry =>
  entry(name, { type: 'file', mode, ...header }, body);
const link = (name: string, linkname: string): TarEntry => entry(name, { type: 'symlink', linkname, mode: 0o777 });
const hardlink = (name: string, linkname: string, header: Header): TarEntry =>
  entry(name, { type: 'link', linkname, mode: 0o644, ...header });

const firstLayer: readonly TarEntry[] = [
  folder('etc/', 0o750),
  file(
    'etc/passwd',
    'root:x:0:0:root:/root:/bin/sh\napp:x:1001:1002:App:/home/app:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
  ),
  file('etc/group', 'root:x:0:\nstaff:x:50:app\nnogroup:x:65534:\n'),
  file('etc/motd', 'first\n', 0o600),
  folder('tmp/', 0o1777),
  folder('usr/'),
  folder('usr/lib/'),
  file('usr/lib/libx.so.1', 'library\n', 0o755),
  link('usr/lib/libx.so', 'libx.so.1'),
  folder('usr/bin/'),
  file('usr/bin/su', 'su\n', 0o4755),
  file('usr/bin/tool', 'base tool\n', 0o755),
  link('lib', 'usr/lib'),
  link('bin', 'usr/bin'),
  folder('srv/'),
  folder('srv/owned/', 0o2770, { uid: 1001, gid: 50 }),
  folder('srv/owned/sub/', 0o700, { uid: 1001, gid: 50 }),
  file('srv/owned/conf.txt', 'base conf\n', 0o640, { uid: 1001, gid: 50 }),
  file('srv/owned/big-ids', 'x\n', 0o644, { uid: 2_200_000, gid: 2_200_001 }),
  link('link-abs', '/srv/owned'),
  link('file-link', 'etc/motd'),
  file('srv/owned/data', 'data\n'),
  folder('hard/'),
  file('hard/z', 'same\n', 0o644, { uid: 9, gid: 9 }),
  hardlink('hard/a', 'hard/z', { uid: 9, gid: 9 }),
  hardlink('hard/m', 'hard/z', { uid: 9, gid: 9 }),
  folder('gone/'),
  file('gone/file', 'gone\n'),
  folder('opaque/'),
  file('opaque/hidden', 'hidden\n'),
  folder('opaque/folder/'),
  file('replaced-by-folder', 'file\n'),
  folder('replaced-by-file/'),
  file('replaced-by-file/x', 'x\n'),
];

const secondLayer: readonly TarEntry[] = [
  file('.wh.gone', '', 0),
  folder('opaque/', 0o711),
  file('opaque/.wh..wh..opq', '', 0),
  file('opaque/shown', 'shown\n'),
  folder('replaced-by-folder/'),
  file('replaced-by-folder/y', 'y\n'),
  file('replaced-by-file', 'file now\n'),
  file('srv/.wh.nothing', '', 0),
  entry('fifo', { type: 'fifo', mode: 0o600 }),
];

const baseConfig = {
  Env: ['PATH=/usr/bin:/bin', 'FLAVOR=vanilla', 'EMPTY='],
  Cmd: ['/bin/sh', '-c', 'base'],
  Entrypoint: ['/bin/base'],
  WorkingDir: '/srv/owned',
  User: '',
  Labels: { base: 'yes', 'org.example.kept': 'kept' },
  ExposedPorts: { '1234/tcp': {} },
  Volumes: { '/base-volume': {} },
  StopSignal: 'SIGHUP',
  Healthcheck: { Test: ['CMD', 'base-check'], Interval: 1_000_000_000 },
  Shell: ['/bin/ash', '-c'],
};

/** The base: two layers and a config in which every field is set; for amd64 and arm64. */
export async function directBase(): Promise<TestIndex> {
  return indexOf([
    await image([firstLayer, secondLayer], 'amd64', baseConfig, { author: 'the base' }),
    await image([[...firstLayer, file('arm', 'arm\n')], secondLayer], 'arm64', baseConfig),
  ]);
}

/** A base whose config says nothing. */
export async function bareBase(): Promise<TestIndex> {
  return indexOf([await image([[file('only', 'only\n')]], 'amd64', {})]);
}

/** A base whose second layer writes below a link of the first one. */
export async function throughBase(): Promise<TestIndex> {
  return indexOf([await image([firstLayer, [file('lib/through', 'through\n')]], 'amd64', baseConfig)]);
}

/** A base with ONBUILD. */
export async function onbuildBase(): Promise<TestIndex> {
  const OnBuild = ['COPY app /from-onbuild/', 'ENV FROM_ONBUILD=seen', 'WORKDIR /made-by-onbuild'];
  return indexOf([await image([[file('only', 'only\n')]], 'amd64', { ...baseConfig, OnBuild })]);
}

async function image(
  layers: readonly (readonly TarEntry[])[],
  architecture: string,
  config: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
): Promise<TestImage> {
  const platform = { os: 'linux', architecture };
  const tars = await Promise.all(layers.map((entries) => packTar([...entries])));
  const blobs: readonly Blob[] = tars.map((tar) => blobOf(gzipSync(tar), mediaTypes.layer));
  const history = [
    ...tars.map((_, place) => ({ created: '2020-01-01T00:00:00Z', created_by: `layer ${place}` })),
    { created: '2020-01-01T00:00:00Z', created_by: 'CMD', empty_layer: true },
  ];
  const rootfs = { type: 'layers', diff_ids: tars.map((tar) => blobOf(tar).digest) };
  const configBlob = jsonBlob(
    { created: '2020-01-01T00:00:00Z', ...more, ...platform, config, rootfs, history },
    mediaTypes.config,
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptorOf(configBlob),
    layers: blobs.map(descriptorOf),
  };
  return { platform, manifest: jsonBlob(manifest, mediaTypes.manifest), config: configBlob, layers: blobs };
}
