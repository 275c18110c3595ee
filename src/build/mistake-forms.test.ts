import { describe, expect, test } from 'vitest';
import { type Before, nothingBefore, readMistake, type ToldMistake } from './mistake-forms.ts';

function read(lines: readonly string[]): readonly ToldMistake[] {
  let before: Before = nothingBefore;
  return lines.flatMap((line) => {
    const { mistake, next } = readMistake(line, before);
    before = next;
    return mistake === undefined ? [] : [mistake];
  });
}

// Each as the program printed it.
describe('a mistake as it is told by', () => {
  test.for<{ name: string; lines: readonly string[]; want: string }>([
    {
      name: 'gcc',
      lines: ["src/main.c:4:12: error: 'y' undeclared (first use in this function)"],
      want: "src/main.c:4:12 | 'y' undeclared (first use in this function)",
    },
    {
      name: 'clang, where a header is missing',
      lines: ["./a b/main.c:1:10: fatal error: 'x.h' file not found"],
      want: "./a b/main.c:1:10 | 'x.h' file not found",
    },
    { name: 'javac', lines: ['App.java:3: error: cannot find symbol'], want: 'App.java:3: | cannot find symbol' },
    {
      name: 'go build',
      lines: ['./main.go:7:2: undefined: fmt.Printn'],
      want: './main.go:7:2 | undefined: fmt.Printn',
    },
    { name: 'go vet', lines: ['vet: ./main.go:7:2: undeclared name: x'], want: './main.go:7:2 | undeclared name: x' },
    {
      name: 'tsc',
      lines: ["src/a.ts(2,7): error TS2322: Type 'string' is not assignable to type 'number'."],
      want: "src/a.ts:2:7 | TS2322: Type 'string' is not assignable to type 'number'.",
    },
    {
      name: 'tsc --pretty',
      lines: ["src/a.ts:2:7 - error TS2322: Type 'string' is not assignable."],
      want: "src/a.ts:2:7 | TS2322: Type 'string' is not assignable.",
    },
    {
      name: 'rustc',
      lines: ['error[E0425]: cannot find value `y` in this scope', ' --> src/main.rs:3:9', '  |'],
      want: 'src/main.rs:3:9 | cannot find value `y` in this scope',
    },
    {
      name: 'python',
      lines: [
        'Traceback (most recent call last):',
        '  File "/app/run.py", line 4, in <module>',
        '    helper.go()',
        '  File "/app/helper.py", line 9, in go',
        '    return 1 / 0',
        'ZeroDivisionError: division by zero',
      ],
      want: '/app/run.py:4: /app/helper.py:9: | ZeroDivisionError: division by zero',
    },
    {
      name: 'make',
      lines: ['Makefile:3: *** missing separator.  Stop.'],
      want: 'Makefile:3: | missing separator.  Stop.',
    },
    { name: 'bash', lines: ['./run.sh: line 3: foo: command not found'], want: './run.sh:3: | foo: command not found' },
    {
      name: 'dash',
      lines: ['./run.sh: 3: Syntax error: "fi" unexpected'],
      want: './run.sh:3: | Syntax error: "fi" unexpected',
    },
  ])('$name', ({ lines, want }) => {
    const [mistake, ...more] = read(lines);
    const places = mistake?.places.map(({ file, line, column = '' }) => `${file}:${line}:${column}`).join(' ');
    expect(`${places} | ${mistake?.message}`).toBe(want);
    expect(more).toEqual([]);
  });

  test.for([
    'src/main.c:4:12: warning: unused variable',
    'error: could not compile `app`',
    ' --> src/main.rs:3:9',
    'ZeroDivisionError: division by zero',
    'http://host:80/a: 404 not found',
    'listening on 127.0.0.1:8080',
  ])('nobody: %s', (line) => expect(read([line])).toEqual([]));

  test('a line of any length is read at once', () => {
    const started = performance.now();
    for (const part of ['a', ':1', '(1,', ' error', '/', 'a:1: error: ', '#1 ', '  File "']) read([part.repeat(1000)]);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
