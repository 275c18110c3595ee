// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
// Scopes of arguments, stages and instructions' forms, judged by BuildKit: labels and environment of the image.

import { describe, test } from 'vitest';
import { needs } from '../support/peers.ts';
import { buildConfig } from './engine-build.ts';
import { predictConfig } from './predict-config.ts';

interface Row {
  readonly name: string;
  readonly text: string;
  readonly args?: Readonly<Record<string, string>>;
  readonly platform?: string;
  readonly stage?: string;
}

const good: readonly Row[] = [
  {
    name: 'a global argument is seen in a stage only where it is declared again',
    text: 'ARG G=global\nFROM scratch\nLABEL before=$G\nARG G\nLABEL after=$G\nARG G=own\nLABEL own=$G\n',
  },
  {
    name: 'a build argument comes before every default, and only where it is declared',
    text: 'ARG G=global\nFROM scratch\nARG G\nARG H=$G-h\nLABEL g=$G h=$H undeclared=[$X]\nARG I\nLABEL i=[$I]\n',
    args: { G: 'given', X: 'x', I: 'i' },
  },
  {
    name: 'the later of ENV and ARG counts',
    text: 'FROM scratch\nARG A=arg\nENV A=env\nLABEL one=$A\nARG A=again\nLABEL two=$A\nENV B=env\nARG B\nLABEL three=$B\n',
    args: { B: 'given' },
  },
  {
    name: 'a stage hands arguments and environment on',
    text: 'FROM scratch AS base\nARG A=arg\nENV E=$A-env\nFROM base\nLABEL a=[$A] e=$E\nARG A\nLABEL again=[$A]\nENV E=${E}2\n',
  },
  {
    name: 'platform arguments are declared to be seen',
    text: 'FROM scratch\nLABEL hidden=[$TARGETARCH]\nARG TARGETPLATFORM\nARG TARGETOS TARGETARCH TARGETVARIANT\nLABEL p=$TARGETPLATFORM o=$TARGETOS a=$TARGETARCH v=[$TARGETVARIANT]\nARG BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT\nLABEL b=$BUILDPLATFORM bo=$BUILDOS ba=$BUILDARCH bv=[$BUILDVARIANT]\n',
    platform: 'linux/arm64',
  },
  {
    name: 'a variant is part of the platform',
    text: 'FROM scratch\nARG TARGETPLATFORM TARGETARCH TARGETVARIANT\nLABEL p=$TARGETPLATFORM a=$TARGETARCH v=[$TARGETVARIANT] s=${TARGETVARIANT#v}\n',
    platform: 'linux/arm/v7',
  },
  {
    name: 'a build argument replaces a platform argument, a global default too',
    text: 'ARG TARGETOS=global\nFROM scratch\nARG TARGETARCH=mine\nARG TARGETOS\nLABEL a=$TARGETARCH o=$TARGETOS\n',
    args: { TARGETARCH: 'given' },
  },
  {
    name: 'TARGETSTAGE is the stage asked for',
    text: 'FROM scratch AS one\nARG TARGETSTAGE\nLABEL s=$TARGETSTAGE\nFROM scratch\n',
    stage: 'one',
  },
  { name: 'TARGETSTAGE without a name is default', text: 'FROM scratch\nARG TARGETSTAGE\nLABEL s=$TARGETSTAGE\n' },
  {
    name: 'TARGETSTAGE is the last stage’s name',
    text: 'FROM scratch AS last\nARG TARGETSTAGE\nLABEL s=$TARGETSTAGE\n',
  },
  { name: 'one ENV sees what was before it', text: 'FROM scratch\nENV A=1\nENV A=2 B=$A\nLABEL b=$B a=$A\n' },
  { name: 'one ARG sees what it set itself', text: 'FROM scratch\nARG A=1 B=$A-2 C="$B 3"\nLABEL c=$C\n' },
  {
    name: 'a later stage of the same name hides the earlier one',
    text: 'FROM scratch AS x\nLABEL first=1\nFROM x AS x\nLABEL second=1\nFROM x\nLABEL third=1\n',
  },
  {
    name: 'stages are found in any case',
    text: 'FROM scratch AS Base\nLABEL a=1\nFROM base AS Two\nLABEL b=1\n',
    stage: 'TWO',
  },
  {
    name: 'ONBUILD of a stage runs in front of the next one',
    text: 'FROM scratch AS base\nARG X=base\nONBUILD ARG Y=on\nONBUILD LABEL o=$X-$Y-${Z:-none}\nONBUILD ENV Z=z\nFROM base AS child\nLABEL z=$Z y=$Y\nFROM child\nLABEL grandchild=$Y\n',
  },
  { name: 'the old form takes all the rest', text: 'FROM scratch\nENV A one  two "three"\nLABEL k  $A and $A\n' },
  { name: 'names are expanded as well', text: 'FROM scratch\nENV N=name\nLABEL "$N.x"=1 $N=2 "a b"=3\n' },
  {
    name: 'continuations, comments and blank lines',
    text: 'FROM scratch\nLABEL a=1 \\\n  # a comment\n\n  b="two \\\nlines" \\   \n  c=3\n',
  },
  { name: 'CRLF', text: 'FROM scratch\r\nLABEL a=1 \\\r\n  b=2\r\nENV X="y"\r\n' },
  { name: 'a byte order mark', text: '\ufeffFROM scratch\nLABEL a=1\n' },
  {
    name: 'a backtick as the escape character',
    text: '# escape=`\nFROM scratch\nENV A=C:\\dir B=`$A C="x`"y"\nLABEL a=$A b=$B c=$C d=one` two e=1 `\n f=2\n',
  },
  { name: 'a directive is one only at the top', text: 'FROM scratch\n# escape=`\nLABEL a=1 \\\n b=`x\n' },
  { name: 'an unknown directive ends them', text: '# other=1\n# escape=`\nFROM scratch\nLABEL a=1 \\\n b=`x\n' },
  { name: 'an escape character at the end of the file', text: 'FROM scratch\nLABEL a=1 \\' },
  { name: 'two escape characters continue nothing', text: 'FROM scratch\nLABEL a=b\\\\\nLABEL c=d\n' },
  {
    name: 'escaped spaces and quotes hold words together',
    text: 'FROM scratch\nLABEL a=b\\ c d="e\\"f" g=\'h\\i\' j=k"l m"n\n',
  },
  { name: 'PATH is there without being set', text: 'FROM scratch\nENV PATH=/mine:$PATH\nLABEL p=$PATH\n' },
  { name: 'keywords in any case', text: 'from scratch as a\nlabel x=1\nFrom a\nLaBeL y=2\n' },
  {
    name: 'an argument without a value leaves what is set',
    text: 'FROM scratch\nENV A=env\nARG A\nLABEL a=$A b=[$B]\nARG B\n',
  },
  { name: 'an argument may be empty', text: 'ARG A=\nFROM scratch\nARG A\nLABEL a=[${A-unset}] b=[${A:-empty}]\n' },
  {
    name: 'a build argument may be empty',
    text: 'FROM scratch\nARG A=default\nLABEL a=[${A-unset}]\n',
    args: { A: '' },
  },
];

const bad: readonly Row[] = [
  { name: 'a base in capitals is no stage', text: 'FROM scratch AS build\nFROM Build\nLABEL a=1\n' },
  { name: 'a number is no target', text: 'FROM scratch AS one\nLABEL a=1\n', stage: '0' },
  { name: 'a target that is not there', text: 'FROM scratch AS one\nLABEL a=1\n', stage: 'two' },
  {
    name: 'stages in a circle, reached or not',
    text: 'FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nCOPY --from=a / /\nFROM scratch\nLABEL x=1\n',
  },
  { name: 'a stage that copies from itself', text: 'FROM scratch AS a\nCOPY --from=a / /\nFROM scratch\nLABEL x=1\n' },
  { name: 'a later stage', text: 'FROM scratch AS a\nCOPY --from=b / /\nFROM scratch AS b\nLABEL x=1\n', stage: 'a' },
  { name: 'a stage number that is not there', text: 'FROM scratch AS a\nCOPY --from=7 / /\nFROM scratch\nLABEL x=1\n' },
  { name: 'a variable in --from', text: 'ARG S=a\nFROM scratch AS a\nFROM scratch\nCOPY --from=$S / /\n' },
  { name: 'a variable in a mount’s from', text: 'FROM scratch\nRUN --mount=type=bind,from=$S,target=/x true\n' },
  { name: 'an unknown flag', text: 'FROM scratch\nRUN --foo true\n' },
  { name: 'a flag where none is taken', text: 'FROM scratch\nCMD --doit ["a"]\n' },
  { name: 'a heredoc that is not closed', text: 'FROM scratch\nCOPY <<EOF /x\nbody\n' },
  { name: 'a required variable', text: 'FROM scratch\nENV A=${X:?needed}\n' },
  { name: 'an empty base, reached or not', text: 'FROM $X AS one\nFROM scratch\nLABEL a=1\n' },
  { name: 'an array with a number in it', text: 'FROM scratch\nCMD ["a", 1]\n' },
  { name: 'SHELL without an array', text: 'FROM scratch\nSHELL sh -c\n' },
  { name: 'an unknown signal', text: 'FROM scratch\nSTOPSIGNAL SIGNOPE\n' },
  { name: 'an unknown protocol', text: 'FROM scratch\nEXPOSE 80/foo\n' },
  { name: 'LABEL without arguments', text: 'FROM scratch\nLABEL\n' },
  { name: 'ENV without a value', text: 'FROM scratch\nENV A\n' },
  { name: 'an unknown instruction', text: 'FROM scratch\nFOO bar\n' },
  { name: 'an instruction before FROM', text: 'LABEL a=1\nFROM scratch\n' },
  { name: 'a flag that is neither true nor false', text: 'FROM scratch\nCOPY --link=maybe . /\n' },
  { name: 'an escape character that cannot be', text: '# escape=x\nFROM scratch\nLABEL a=1\n' },
  { name: 'a directive twice', text: '# escape=`\n# escape=`\nFROM scratch\nLABEL a=1\n' },
  { name: 'a duration with an unknown unit', text: 'FROM scratch\nHEALTHCHECK --interval=1x CMD true\n' },
  { name: 'ONBUILD FROM', text: 'FROM scratch\nONBUILD FROM x\n' },
  { name: 'a stage name that begins with a digit', text: 'FROM scratch AS 1a\nLABEL a=1\n' },
  { name: 'a checksum for a file', text: 'FROM scratch\nADD --checksum=sha256:abc file /\n' },
  { name: 'COPY of a URL', text: 'FROM scratch\nCOPY https://example.com/x /\n' },
];

const flagsOf = ({ args = {}, platform, stage }: Row): readonly string[] => [
  ...Object.entries(args).map(([name, value]) => `--build-arg=${name}=${value}`),
  ...(platform === undefined ? [] : [`--platform=${platform}`]),
  ...(stage === undefined ? [] : [`--target=${stage}`]),
];

describe.runIf(needs('engine', 'docker'))('Dockerfiles', () => {
  test.concurrent.for(good)('$name', async (row, { expect }) => {
    const built = await buildConfig(row.text, flagsOf(row));
    const predicted = predictConfig(row.text, row);
    expect({ predicted }).toEqual({ predicted: expect.objectContaining({ Labels: expect.anything() }) });
    expect(built).toEqual({ config: expect.objectContaining(predicted ?? {}) });
  });

  test.concurrent.for(bad)('an error: $name', async (row, { expect }) => {
    expect(await buildConfig(row.text, flagsOf(row))).toHaveProperty('error');
    expect(predictConfig(row.text, row)).toBeUndefined();
  });
});
