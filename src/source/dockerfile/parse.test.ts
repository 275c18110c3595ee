// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDockerfile } from './parse.ts';
import { reachedStages } from './stages.ts';

const parse = (text: string) => parseDockerfile(text, 'Dockerfile');
const last = (text: string) => parse(text).dockerfile.instructions.at(-1);

describe('what is read', () => {
  test.for([
    { name: 'a JSON array keeps its strings', text: 'COPY ["a b", "/c"]', want: { exec: ['a b', '/c'], form: 'exec' } },
    { name: 'broken JSON is plain text', text: 'RUN ["echo"', want: { form: 'shell', rest: '["echo"' } },
    { name: 'an array in single quotes is plain text', text: "CMD ['a']", want: { form: 'shell', rest: "['a']" } },
    {
      name: 'HEALTHCHECK’s array stands after CMD',
      text: 'HEALTHCHECK CMD ["a"]',
      want: { form: 'exec', exec: ['a'] },
    },
    { name: 'quotes in flags hold words together', text: 'RUN --mount=type=bind,"source=a b" x', want: { rest: 'x' } },
    { name: 'two dashes end the flags', text: 'RUN --network=none -- --x', want: { rest: '--x' } },
    { name: 'comments and blank lines inside', text: 'RUN a \\\n # no\n\n  b', want: { rest: 'a   b' } },
    { name: 'a lone escape character at the end', text: 'RUN a \\', want: { rest: 'a' } },
    { name: 'a keyword in small letters', text: 'run a', want: { keyword: 'RUN' } },
    { name: 'tabs after the keyword', text: 'RUN\t\ta', want: { rest: 'a' } },
    { name: 'the comments above it', text: '# one\n# two\nRUN a', want: { comments: ['one', 'two'] } },
    { name: 'an empty comment parts comments', text: '# one\n#\n# two\nRUN a', want: { comments: ['two'] } },
  ])('$name', ({ text, want }) => {
    expect(last(`FROM scratch\n${text}\n`)).toMatchObject(want);
  });

  test.for([
    {
      name: 'plain',
      text: 'RUN <<EOF\na\nEOF',
      want: [{ name: 'EOF', content: 'a\n', expand: true, strip: false, line: 3 }],
    },
    {
      name: 'digits before it',
      text: 'RUN 3<<EOF cat\nCOPY no /\nEOF',
      want: [{ fileDescriptor: 3, content: 'COPY no /\n' }],
    },
    {
      name: 'a quoted name',
      text: "COPY <<'E F' /x\n$a\nE F",
      want: [{ name: 'E F', expand: false, content: '$a\n' }],
    },
    { name: 'a dash', text: 'COPY <<-EOF /x\n\ta\n\tEOF', want: [{ strip: true, content: '\ta\n' }] },
    {
      name: 'two',
      text: 'COPY <<A <<B /x/\na\nA\nb\nB',
      want: [
        { name: 'A', content: 'a\n' },
        { name: 'B', content: 'b\n' },
      ],
    },
    { name: 'the ends of lines stay', text: 'COPY <<EOF /x\r\na\r\nEOF\r', want: [{ content: 'a\r\n' }] },
    { name: 'none in an array', text: 'RUN ["<<EOF"]', want: [] },
    { name: 'none in quotes', text: 'RUN "<<EOF"', want: [] },
    { name: 'none where three stand', text: 'RUN cat <<<EOF', want: [] },
  ])('heredoc: $name', ({ text, want }) => {
    const read = parse(`FROM scratch\n${text}\n`);
    expect(read.diagnostics).toEqual([]);
    expect(read.dockerfile.instructions).toHaveLength(2);
    expect(read.dockerfile.instructions[1]?.heredocs).toMatchObject(want);
  });

  test.for([
    { name: 'syntax', text: '# syntax=docker/dockerfile:1 more', want: { syntax: 'docker/dockerfile:1' } },
    { name: 'syntax after a byte order mark', text: '\ufeff#syntax = x', want: { syntax: 'x' } },
    { name: 'syntax behind a shebang', text: '#!/usr/bin/env x\n# syntax=x', want: { syntax: 'x' } },
    { name: 'syntax in another comment’s form', text: '// syntax=x', want: { syntax: 'x' } },
    { name: 'escape and check', text: '# check=skip=all\n# ESCAPE=`', want: { escape: '`', check: 'skip=all' } },
    { name: 'not after a blank line', text: '\n# syntax=x', want: { escape: '\\' } },
    { name: 'not after a comment', text: '# hello\n# escape=`', want: { escape: '\\' } },
  ])('directive: $name', ({ text, want }) => {
    expect(parse(`${text}\nFROM scratch\n`).dockerfile.directives).toEqual({ escape: '\\', ...want });
  });

  test('places are those of the text', () => {
    const { dockerfile } = parse('FROM scratch\n\n  COPY \\\n    --link \\\n    --chown=1 a /b\nRUN <<A\nx\nA\n');
    expect(dockerfile.instructions.map(({ place }) => place)).toEqual([
      { line: 1, column: 1, endLine: 1 },
      { line: 3, column: 3, endLine: 5 },
      { line: 6, column: 1, endLine: 8 },
    ]);
    expect(dockerfile.instructions[1]?.flags.map(({ name, line, column }) => [name, line, column])).toEqual([
      ['link', 4, 5],
      ['chown', 5, 5],
    ]);
  });

  test('ONBUILD keeps its instruction, heredocs too', () => {
    const onbuild = last('FROM scratch\nONBUILD COPY --link <<EOF /x\na\nEOF\n');
    expect(onbuild).toMatchObject({ keyword: 'ONBUILD', trigger: { keyword: 'COPY', heredocs: [{ content: 'a\n' }] } });
  });
});

describe('mistakes', () => {
  test.for([
    {
      name: 'an unknown instruction',
      text: 'CPOY a b',
      message: 'CPOY is no instruction',
      hint: 'write COPY',
      at: [2, 1],
    },
    {
      name: 'an unknown flag',
      text: 'COPY --form=x a b',
      message: 'COPY does not take --form',
      hint: 'write --from',
      at: [2, 6],
    },
    { name: 'a flag twice', text: 'COPY --from=a --from=b a b', message: '--from is given twice', at: [2, 15] },
    { name: 'a flag without a value', text: 'COPY --chown a b', message: '--chown needs a value', at: [2, 6] },
    { name: 'no destination', text: 'COPY a', message: 'COPY needs at least one source and a destination', at: [2, 6] },
    { name: 'no arguments', text: 'WORKDIR', message: 'WORKDIR needs exactly one argument', at: [2, 1] },
    { name: 'no =', text: 'ENV a=b c', message: '"c" has no =', at: [2, 5] },
    {
      name: 'an open heredoc',
      text: 'RUN <<EOF\na',
      message: 'the heredoc EOF is not closed',
      hint: 'end it with a line EOF',
      at: [2, 5],
    },
    {
      name: 'a mount’s variable',
      text: 'RUN --mount=from=$a,target=/x y',
      message: 'the mount’s from has a variable, which is not expanded there',
      at: [2, 31],
    },
    {
      name: 'quotes in a mount',
      text: String.raw`RUN --mount=type=a\"b x`,
      message: String.raw`quotes do not fit in "type=a\"b"`,
      at: [2, 23],
    },
    {
      name: 'ONBUILD ONBUILD',
      text: 'ONBUILD ONBUILD RUN x',
      message: 'ONBUILD cannot stand after ONBUILD',
      at: [2, 9],
    },
  ])('$name', ({ text, message, hint, at: [line, column] }) => {
    const [found, ...more] = parse(`FROM scratch\n${text}\n`).diagnostics;
    expect(more).toEqual([]);
    expect(found?.message).toBe(message);
    expect(found).toMatchObject({
      severity: 'error',
      place: { file: 'Dockerfile', line, column },
      ...(hint && { hint }),
    });
  });

  test('all of them at once', () => {
    const { diagnostics } = parse('FRM a\nFROM scratch AS 1\nCOPY x\nRUN --x y\n');
    expect(diagnostics.map(({ place }) => place.line)).toEqual([1, 2, 3, 4]);
  });

  test.for([
    { name: 'nothing at all', text: '', message: 'the Dockerfile has no FROM' },
    { name: 'an instruction before FROM', text: 'RUN x\nFROM a', message: 'RUN stands before the first FROM' },
    {
      name: 'a line that is too long',
      text: `FROM a\nRUN ${'x'.repeat(70_000)}`,
      message: 'the line has more than 65535 characters',
    },
    { name: 'too many lines', text: '\n'.repeat(100_001), message: 'the Dockerfile has more than 100000 lines' },
  ])('$name', ({ text, message }) => {
    expect(parse(text).diagnostics[0]?.message).toBe(message);
  });
});

describe('hostile text', () => {
  const piece = fc.constantFrom(
    'FROM scratch',
    'FROM a AS b',
    'RUN',
    'COPY',
    '--from=b',
    '--mount=type=bind,from=b',
    '<<EOF',
    'EOF',
    '[',
    ']',
    '"',
    "'",
    '\\',
    '`',
    '$',
    '{',
    '}',
    ':-',
    '${A:-${B}}',
    '#',
    '# escape=`',
    '\n',
    '\r\n',
    ' ',
    '\t',
    '\ufeff',
    '\0',
    'ONBUILD',
    'ARG A=$A$A',
    'ENV',
    '=',
    'é',
    'HEALTHCHECK CMD',
    '--interval=1s',
    'ADD',
    '*',
    '/./',
    '--parents',
    '<<-"x"',
    '🎈',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.array(piece).map((pieces) => pieces.join(' ')),
  );
  const platform = { os: 'linux', architecture: 'amd64' };

  test('is parsed and reached without a crash, and every place is inside it', () => {
    fc.assert(
      fc.property(text, (given) => {
        const { dockerfile, diagnostics } = parse(given);
        const reached = reachedStages(dockerfile, { platform, buildPlatform: platform, args: {} });
        const lines = given.split('\n').length;
        for (const { line = 0 } of [...diagnostics, ...reached.diagnostics].map(({ place }) => place)) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
        }
        for (const { place } of dockerfile.instructions) expect(place.endLine).toBeLessThanOrEqual(lines);
      }),
      { numRuns: 2000 },
    );
  });

  test.for([
    { name: 'values that double line by line', text: `FROM scratch\nENV A=aaaaaaaa\n${'ENV A=$A$A\n'.repeat(60)}` },
    { name: 'deep substitutions', text: `FROM scratch\nENV A=${'${A:-'.repeat(5000)}\n` },
    {
      name: 'long runs of spaces',
      text: `# a =${' '.repeat(60_000)}x\nFROM scratch\nRUN a${' '.repeat(60_000)}b\\\n${' '.repeat(60_000)}c`,
    },
    { name: 'many quotes', text: `FROM scratch\nLABEL ${'"'.repeat(60_001)}\n` },
    {
      name: 'a pattern of many stars',
      text: `FROM scratch\nENV A=${'a'.repeat(9000)}\nENV B=\${A##${'*a'.repeat(900)}b}\n`,
    },
    {
      name: 'many stages, all in a circle',
      text: `${Array.from({ length: 5000 }, (_, i) => `FROM scratch AS s${i}\nCOPY --from=s${(i * 7 + 1) % 1999} a /\n`).join('')}FROM scratch\n`,
    },
    { name: 'many heredocs', text: `FROM scratch\nRUN ${'<<A '.repeat(9000)}\n` },
  ])('takes bounded time: $name', { timeout: 10_000 }, ({ text: given }) => {
    const { dockerfile } = parse(given);
    expect(reachedStages(dockerfile, { platform, buildPlatform: platform, args: {} }).stages.length).toBeLessThan(2001);
  });
});
