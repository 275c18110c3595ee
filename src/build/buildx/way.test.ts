import { expect, test } from 'vitest';
import { parseLocation } from '../../content/oci/reference.ts';
import { isLoopback } from '../loopback.ts';
import { chooseWay } from './way.ts';

const to = (...texts: string[]) => texts.map((text) => ({ location: parseLocation(text), required: true }));

test.for([
  {
    name: 'the endpoint, by digest',
    driver: 'remote',
    reaches: true,
    remote: 'export',
    to: ['a.example/x'],
    want: { kind: 'endpoint', by: 'digest' },
  },
  {
    name: 'the endpoint, by tag where the client refuses digests',
    driver: 'docker',
    reaches: true,
    remote: 'export',
    to: ['a.example/x'],
    want: { kind: 'endpoint', by: 'tag' },
  },
  {
    name: 'the export where loopback is out of reach',
    driver: 'docker-container',
    reaches: false,
    remote: 'export',
    to: ['a.example/x'],
    want: { kind: 'export' },
  },
  {
    name: 'its own push where asked for',
    driver: 'kubernetes',
    reaches: false,
    remote: 'push',
    to: ['a.example/x', 'b.example/x'],
    want: { kind: 'names' },
  },
  {
    name: 'never a push into a layout',
    driver: 'remote',
    reaches: false,
    remote: 'push',
    to: ['a.example/x', 'oci:/srv/x'],
    want: { kind: 'export' },
  },
  {
    name: 'never a push to a loopback that is not its own',
    driver: 'remote',
    reaches: false,
    remote: 'push',
    to: ['127.0.0.1:5000/x'],
    want: { kind: 'export' },
  },
  {
    name: 'no push by the docker driver, which cannot push by digest',
    driver: 'docker',
    reaches: false,
    remote: 'push',
    to: ['a.example/x'],
    want: { kind: 'export' },
  },
] as const)('$name', ({ driver, reaches, remote, to: destinations, want }) => {
  const way = chooseWay({ kind: driver, nodes: 1 }, reaches, remote, to(...destinations));
  expect(way).toMatchObject(want);
  if (way.kind !== 'endpoint') expect(way.reason).toContain(`the ${driver} driver`);
});

test.for([
  { host: '127.0.0.1:5000', want: true },
  { host: 'localhost', want: true },
  { host: '[::1]:5000', want: true },
  { host: 'localhost.example:5000', want: false },
  { host: '127.0.0.1.example', want: false },
])('isLoopback($host) is $want', ({ host, want }) => expect(isLoopback(host)).toBe(want));
