import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePlatform } from './platform.ts';
import { familiarRepository, formatSubjectName, parseSubjectName, subjectNameOf } from './subject-name.ts';

describe('parseSubjectName', () => {
  test.for([
    {
      name: 'as BuildKit of 2025 writes it',
      text: 'pkg:docker/127.0.0.1:5001/fam/b@latest?platform=linux%2Famd64',
      repository: '127.0.0.1:5001/fam/b',
      version: 'latest',
    },
    {
      name: 'as BuildKit of 2024 writes it',
      text: 'pkg:docker/127.0.0.1%3A5001/fam/b@v1?platform=linux%2Farm%2Fv7',
      repository: '127.0.0.1:5001/fam/b',
      version: 'v1',
    },
    { name: "Docker Hub's", text: 'pkg:docker/acme/api@1.2', repository: 'acme/api', version: '1.2' },
    { name: 'without a version', text: 'pkg:docker/busybox', repository: 'busybox', version: undefined },
    {
      name: 'by digest',
      text: 'pkg:docker/a@latest?digest=sha256:ab&platform=linux%2Famd64',
      repository: 'a',
      version: 'latest',
    },
  ])('$name', ({ text, repository, version }) => {
    const parsed = parseSubjectName(text);
    expect(parsed).toMatchObject({ repository });
    expect(parsed?.version).toBe(version);
    expect(parsed && formatSubjectName(parsed)).toBe(text);
  });

  test.for(['', '_', 'file.txt', 'pkg:npm/left-pad@1', 'pkg:docker/', 'pkg:docker/%zz', 'PKG:docker/a'])(
    '%s is none',
    (text) => expect(parseSubjectName(text)).toBeUndefined(),
  );

  test('whatever the parts, formatting and parsing gives them back', () => {
    const segment = fc.stringMatching(/^[a-z0-9][a-z0-9._:-]{0,12}$/);
    const parts = fc.record({
      repository: fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join('/')),
      version: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,12}$/),
      qualifiers: fc.constantFrom('', 'platform=linux%2Famd64'),
      escapesColons: fc.constant(false),
    });
    fc.assert(
      fc.property(parts, (name) => {
        expect(parseSubjectName(formatSubjectName(name))).toEqual(name);
      }),
    );
  });
});

test.for([
  { name: 'another registry', repository: 'ghcr.io/acme/api', want: 'ghcr.io/acme/api' },
  { name: "Docker Hub's organization", repository: 'docker.io/acme/api', want: 'acme/api' },
  { name: "Docker Hub's official image", repository: 'docker.io/library/busybox', want: 'busybox' },
  { name: 'a repository called library', repository: 'docker.io/library/a/b', want: 'library/a/b' },
])('familiarRepository: $name', ({ repository, want }) => expect(familiarRepository(repository)).toBe(want));

test('subjectNameOf names an image as BuildKit does that pushes by digest', () => {
  expect(formatSubjectName(subjectNameOf('docker.io/acme/api', parsePlatform('linux/arm/v7')))).toBe(
    'pkg:docker/acme/api@latest?platform=linux%2Farm%2Fv7',
  );
});
