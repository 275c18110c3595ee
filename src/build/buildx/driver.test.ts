import { expect, test } from 'vitest';
import { parseInspection } from './driver.ts';

const remote = `Name:          fanfold
Driver:        remote
Last Activity: 2026-11-24 22:18:02 +0000 UTC

Nodes:
Name:             fanfold0
Endpoint:         unix:///run/buildkit.sock
Status:           running
BuildKit version: v0.25.1
`;

test.for([
  { name: 'one node', text: remote, want: { kind: 'remote', nodes: 1 } },
  {
    name: 'several nodes',
    text: `${remote}\nName: fanfold1\nEndpoint: ssh://arm\n`,
    want: { kind: 'remote', nodes: 2 },
  },
  {
    name: 'an engine that does not answer',
    text: 'Name:   default\nDriver: \nError:  Cannot connect to the Docker daemon\n',
    want: undefined,
  },
  { name: 'a node that does not answer', text: `${remote}Error: connection refused\n`, want: undefined },
  { name: 'other text', text: 'hello\n', want: undefined },
  { name: 'nothing', text: '', want: undefined },
])('$name', ({ text, want }) => expect(parseInspection(text)).toEqual(want));
