// Reads an image from a registry as any client would, by plain HTTP and none of the product's code, and says what is missing.

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

interface Pointer {
  readonly digest: string;
  readonly mediaType: string;
}

/** What stands under a name; undefined where it names nothing. */
export async function namedDigest(host: string, repository: string, name: string): Promise<string | undefined> {
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${name}`, {
    method: 'HEAD',
    headers: { accept },
  });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new Error(`${host}/${repository}:${name} answers ${answer.status}`);
  return answer.headers.get('docker-content-digest') ?? undefined;
}

/** Everything below a name that is not there; empty where the image is whole. */
export async function missingBelow(host: string, repository: string, name: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${name}`, { headers: { accept } });
  if (!answer.ok) {
    await answer.body?.cancel();
    return [`${name} (${answer.status})`];
  }
  const manifest = (await answer.json()) as { manifests?: Pointer[]; config?: Pointer; layers?: Pointer[] };
  const children = await Promise.all(
    (manifest.manifests ?? []).map(({ digest }) => missingBelow(host, repository, digest)),
  );
  const blobs = [...(manifest.config === undefined ? [] : [manifest.config]), ...(manifest.layers ?? [])];
  const heads = await Promise.all(
    blobs.map(async ({ digest }) =>
      (await fetch(`http://${host}/v2/${repository}/blobs/${digest}`, { method: 'HEAD' })).ok ? [] : [digest],
    ),
  );
  return [...children.flat(), ...heads.flat()];
}
