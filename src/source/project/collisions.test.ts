import { describe, test } from 'vitest';
import { gitEvent } from '../../../test/support/git-events.ts';
import { tagCollisions } from './collisions.ts';
import { parseFamily } from './load.ts';

const file = '/family/fanfold.yaml';

function read(text: string) {
  return parseFamily(`platforms: [linux/amd64]\n${text}`, file);
}

describe('names that would be the same', () => {
  const acme = 'destinations: [ghcr.io/acme]\n';
  test.for([
    {
      name: 'two targets, one image',
      text: `${acme}targets:\n  a: { image: x }\n  b: { image: x }\n`,
      want: [
        '5:3 a and b have the same image, ghcr.io/acme/x, and would both give it the tag main (on a push to main)',
      ],
    },
    {
      name: 'an image named like another target',
      text: `${acme}targets:\n  a: {}\n  b: { image: a }\n`,
      want: [
        '5:3 a and b have the same image, ghcr.io/acme/a, and would both give it the tag main (on a push to main)',
      ],
    },
    {
      name: 'two spellings of one registry',
      text: 'targets:\n  a: { image: x, destinations: [docker.io/acme] }\n  b: { image: x, destinations: [acme] }\n',
      want: [
        '4:3 a and b have the same image, docker.io/acme/x, and would both give it the tag main (on a push to main)',
      ],
    },
    {
      name: 'flavors that tell all tags apart',
      text: `${acme}targets:\n  a: { image: x, flavor: "suffix=-a,onlatest=true" }\n  b: { image: x, flavor: "suffix=-b,onlatest=true" }\n`,
      want: [],
    },
    {
      name: 'flavors that leave latest',
      text: `${acme}targets:\n  a: { image: x, flavor: suffix=-a }\n  b: { image: x, flavor: suffix=-b }\n`,
      want: [
        '5:3 a and b have the same image, ghcr.io/acme/x, and would both give it the tag latest (for a Git tag v1.2.3)',
      ],
    },
    {
      name: 'a suffix and none',
      text: `${acme}targets:\n  a: { image: x }\n  b: { image: x, flavor: "suffix=-b,onlatest=true" }\n`,
      want: [],
    },
    {
      name: 'the same image elsewhere',
      text: 'targets:\n  a: { image: x, destinations: [ghcr.io/acme] }\n  b: { image: x, destinations: [quay.io/acme] }\n',
      want: [],
    },
    {
      name: 'a target named like another’s staging',
      text: `${acme}targets:\n  api: {}\n  api-staging: {}\n`,
      want: ['5:3 the staging of api, ghcr.io/acme/api-staging, is a destination of api-staging'],
    },
    {
      name: 'staging that is a destination',
      text: `${acme}staging: ghcr.io/acme/api\ntargets:\n  api: {}\n`,
      want: ['5:3 the staging of api, ghcr.io/acme/api, is a destination of api'],
    },
    {
      name: 'one staging for all',
      text: `${acme}staging: ghcr.io/acme/legs\ntargets: { api: {}, web: {} }\n`,
      want: [],
    },
    {
      name: 'layouts, in two spellings',
      text: 'destinations: [oci:out]\ntargets:\n  a: { image: x }\n  b: { image: x, destinations: [oci:./other/../out] }\n',
      want: [
        '5:3 a and b have the same image, oci:/family/out/x, and would both give it the tag main (on a push to main)',
      ],
    },
    {
      name: 'a layout inside of another',
      text: 'destinations: [oci:out]\ntargets:\n  a: {}\n  b: { image: a/blobs }\n',
      want: [
        '5:3 the layout /family/out/a/blobs lies inside of the layout /family/out/a',
        '5:3 the layout /family/out/a/blobs-staging lies inside of the layout /family/out/a',
      ],
    },
  ])('$name', ({ text, want }, { expect }) => {
    expect(read(text).diagnostics.map(({ place, message }) => `${place.line}:${place.column} ${message}`)).toEqual(
      want,
    );
  });
});

describe('tags that would be the same for one event', () => {
  const { family } = read(`destinations: [ghcr.io/acme]
targets:
  a: { image: x, tags: "type=ref,event=branch", flavor: "suffix=-fittings" }
  b: { image: x, tags: ["type=raw,value=feature-brass-fittings-fittings"] }
`);
  test.for([
    {
      name: 'told',
      event: 'branch-with-slash',
      want: ['a and b would both be published as ghcr.io/acme/x:feature-brass-fittings-fittings'],
    },
    { name: 'not told for another event', event: 'branch-main', want: [] },
  ])('$name', async ({ event, want }, { expect }) => {
    expect(tagCollisions(family?.targets ?? [], await gitEvent(event)).map(({ message }) => message)).toEqual(want);
  });
});
