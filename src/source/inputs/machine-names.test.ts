import { expect, test } from 'vitest';
import { parseDockerfile } from '../dockerfile/parse.ts';
import { reachedStages } from '../dockerfile/stages.ts';
import { machineLines } from './machine-names.ts';

const platform = { os: 'linux', architecture: 'amd64' };

/** Each line that takes files by the machine, with the names. */
function linesOf(text: string, args: Readonly<Record<string, string>> = {}): readonly string[] {
  const { dockerfile } = parseDockerfile(text, 'Dockerfile');
  const { stages } = reachedStages(dockerfile, { platform, buildPlatform: platform, args });
  const found = [...machineLines(stages, dockerfile, args).values()].flatMap((lines) => [...lines]);
  return found.map(
    ([line, reasons]) =>
      `${line}: ${reasons
        .join('; ')
        .match(/BUILD\w+/g)
        ?.join(' ')}`,
  );
}

test.for<{ name: string; text: string; args?: Record<string, string>; want: readonly string[] }>([
  { name: 'by its own name', text: 'FROM scratch\nARG BUILDARCH\nCOPY a$BUILDARCH /\n', want: ['3: BUILDARCH'] },
  { name: 'not where it was not declared', text: 'FROM scratch\nCOPY a$BUILDARCH /\n', want: [] },
  {
    name: 'not where the target gives it',
    text: 'FROM scratch\nARG BUILDOS\nCOPY a$BUILDOS /\n',
    args: { BUILDOS: 'x' },
    want: [],
  },
  { name: 'not where it has a default of its own', text: 'FROM scratch\nARG BUILDOS=x\nCOPY a$BUILDOS /\n', want: [] },
  {
    name: 'by an argument that it is the default of',
    text: 'FROM scratch\nARG BUILDARCH\nARG WAY=x-${BUILDARCH}\nCOPY $WAY /\n',
    want: ['4: BUILDARCH'],
  },
  {
    name: 'not by one that the target gives',
    text: 'FROM scratch\nARG BUILDARCH\nARG WAY=x-${BUILDARCH}\nCOPY $WAY /\n',
    args: { WAY: 'fixed' },
    want: [],
  },
  {
    name: 'by a variable, in a stage above',
    text: 'FROM scratch AS one\nARG BUILDVARIANT\nENV WAY=$BUILDVARIANT\nFROM one\nCOPY $WAY /\nADD $WAY /b\n',
    want: ['5: BUILDVARIANT', '6: BUILDVARIANT'],
  },
  {
    name: 'by an argument that the stage above hands on',
    text: 'FROM scratch AS one\nARG BUILDARCH\nARG WAY=$BUILDARCH\nFROM one\nCOPY a$WAY /\n',
    want: ['5: BUILDARCH'],
  },
  {
    name: 'not by an argument of a stage that it only copies from',
    text: 'FROM scratch AS one\nARG BUILDARCH\nARG WAY=$BUILDARCH\nFROM scratch\nCOPY --from=one /a /\nCOPY a$WAY /\n',
    want: [],
  },
  {
    name: 'not once the variable is another',
    text: 'FROM scratch\nARG BUILDARCH\nENV WAY=$BUILDARCH\nENV WAY=fixed\nCOPY $WAY /\n',
    want: [],
  },
  {
    name: 'by an argument for all stages',
    text: 'ARG WAY=x-$BUILDPLATFORM\nFROM scratch\nARG WAY\nCOPY $WAY /\n',
    want: ['4: BUILDPLATFORM'],
  },
  {
    name: 'by a mount',
    text: 'FROM scratch\nARG BUILDARCH\nRUN --mount=type=bind,source=a$BUILDARCH,target=/a true\n',
    want: ['3: BUILDARCH'],
  },
  { name: 'not by FROM alone', text: 'FROM --platform=$BUILDPLATFORM scratch\nCOPY a /\n', want: [] },
])('files are taken by the machine $name', ({ text, args, want }) => {
  expect(linesOf(text, args)).toEqual(want);
});
