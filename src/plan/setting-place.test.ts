import { expect, test } from 'vitest';
import { legsOf } from '../source/project/legs.ts';
import { parseFamily } from '../source/project/load.ts';
import { settingPlaces } from './setting-place.ts';

const text = `destinations: [ghcr.io/acme]
platforms: [linux/amd64, linux/arm64]
args:
  TOP: top
  I: from the top
labels: { l: top }
targets:
  _far: { args: { FAR: far } }
  _first:
    inherits: [_far]
    args: { I: first, FIRST: first }
  _base:
    args:
      I: base
  api:
    inherits: [_first, _base]
    args:
      OWN: own
      P: any
    per-platform:
      linux/arm64:
        args:
          P: arm
  many:
    matrix: { of: [a, b] }
    name: many-\${of}
    args: { M: "\${of}" }
`;

test.for([
  { name: 'its own', leg: 'api@linux/amd64', field: ['args', 'OWN'], line: 18 },
  { name: 'what another platform says otherwise', leg: 'api@linux/amd64', field: ['args', 'P'], line: 19 },
  { name: 'what its platform says', leg: 'api@linux/arm64', field: ['args', 'P'], line: 23 },
  {
    name: 'what the last that it inherits says, before the top',
    leg: 'api@linux/amd64',
    field: ['args', 'I'],
    line: 14,
  },
  { name: 'what the first says alone', leg: 'api@linux/amd64', field: ['args', 'FIRST'], line: 11 },
  { name: 'what that inherits', leg: 'api@linux/amd64', field: ['args', 'FAR'], line: 8 },
  { name: 'what the top says', leg: 'api@linux/amd64', field: ['args', 'TOP'], line: 4 },
  { name: 'a label of the top', leg: 'api@linux/amd64', field: ['labels', 'l'], line: 6 },
  { name: 'what a matrix fills in', leg: 'many-b@linux/amd64', field: ['args', 'M'], line: 27 },
  { name: 'the target where nobody says it', leg: 'api@linux/amd64', field: ['network'], line: 15 },
])('a setting stands where it is written: $name', ({ leg, field, line }) => {
  const { family, diagnostics } = parseFamily(text, '/family/fanfold.yaml');
  expect(diagnostics).toEqual([]);
  const found = family && legsOf(family).find(({ name }) => name === leg);
  if (family === undefined || found === undefined) throw new Error(`there is no leg ${leg}`);
  expect(settingPlaces(family, text)(found.target, field)).toMatchObject({ file: 'fanfold.yaml', line });
});
