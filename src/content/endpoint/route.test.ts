import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTarget } from './route.ts';

const digest = `sha256:${'a'.repeat(64)}`;

describe('parseTarget', () => {
  test.for([
    { name: 'the version', target: '/v2/', route: { kind: 'version' } },
    { name: 'the version without a slash', target: '/v2', route: { kind: 'version' } },
    { name: 'a blob', target: `/v2/a/b/blobs/${digest}`, route: { kind: 'blob', repository: 'a/b', digest } },
    {
      name: 'an escaped digest',
      target: `/v2/a/blobs/sha256%3A${'a'.repeat(64)}`,
      route: { kind: 'blob', repository: 'a', digest },
    },
    { name: 'uploads', target: '/v2/a/b/blobs/uploads/', route: { kind: 'uploads', repository: 'a/b' } },
    { name: 'uploads without a slash', target: '/v2/a/blobs/uploads', route: { kind: 'uploads', repository: 'a' } },
    {
      name: 'one upload',
      target: '/v2/a/blobs/uploads/x-1_y',
      route: { kind: 'upload', repository: 'a', id: 'x-1_y' },
    },
    {
      name: 'a manifest',
      target: '/v2/a/b/manifests/latest',
      route: { kind: 'manifest', repository: 'a/b', name: 'latest' },
    },
    { name: 'tags', target: '/v2/a/b/tags/list', route: { kind: 'tags', repository: 'a/b' } },
    { name: 'referrers', target: `/v2/a/referrers/${digest}`, route: { kind: 'referrers', repository: 'a', digest } },
    {
      name: "a repository's name that holds the API's words",
      target: '/v2/tags/blobs/manifests/manifests/a',
      route: { kind: 'manifest', repository: 'tags/blobs/manifests', name: 'a' },
    },
    { name: 'an upload whose id leads out', target: '/v2/a/blobs/uploads/..', route: undefined },
    { name: 'another version', target: '/v1/a/manifests/b', route: undefined },
    { name: 'a broken escape', target: '/v2/a/manifests/%', route: undefined },
    { name: 'a whole URL', target: 'http://x/v2/', route: undefined },
    { name: 'nothing', target: '', route: undefined },
  ])('$name', ({ target, route }) => expect(parseTarget(target).route).toEqual(route));

  test('the query is apart', () => {
    const { route, query } = parseTarget(`/v2/a/blobs/uploads/?mount=${digest}&from=b%2Fc`);
    expect([route?.kind, query.get('mount'), query.get('from')]).toEqual(['uploads', digest, 'b/c']);
  });

  test('never throws, whatever comes', () => {
    const piece = fc.constantFrom('/v2/', 'a', '/', 'blobs', 'uploads', 'manifests', '..', '%2f', '%', '?', '\u0000');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join('')),
        ),
        (target) => {
          parseTarget(target);
        },
      ),
    );
  });
});
