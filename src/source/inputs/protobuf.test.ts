import fc from 'fast-check';
import { describe, test } from 'vitest';
import { isAdditive } from './protobuf.ts';

const base = `syntax = "proto3";
package backend.v1;
import "google/protobuf/empty.proto";
option go_package = "example.org/backend";

// What is asked.
message Request {
  reserved 9;
  string prompt = 1;
  repeated int32 tokens = 2 [packed = true];
  map<string, Options> options = 3;
  oneof input { string text = 4; bytes audio = 5; }
  optional bool stream = 6 [json_name = "isStream"];
  message Options { int32 depth = 1; }
  Kind kind = 7;
}
message Reply { bytes message = 1; }
enum Kind { UNKNOWN = 0; CHAT = 1; }
enum Alias { option allow_alias = true; NONE = 0; A = 1; B = 1; }
service Backend {
  rpc Predict (Request) returns (Reply) {}
  rpc Watch (Request) returns (stream Reply);
}
`;

interface Row {
  readonly name: string;
  readonly from?: string;
  readonly edit: (text: string) => string;
}

const swap = (a: string | RegExp, b: string) => (text: string) => {
  const edited = text.replace(a, b);
  if (edited === text) throw new Error(`nothing of ${a} is in it`);
  return edited;
};

const proto2 = `syntax = "proto2";
message Old {
  required string name = 1;
  optional int32 size = 2 [default = 3];
  optional group Part = 4 { optional int32 a = 1; }
  extensions 100 to 199;
}
enum First { ONE = 1; TWO = 2; }
extend Old { optional int32 more = 100; }
`;

const editions = `edition = "2023";
message New { int32 a = 1; }
`;

const additive: readonly Row[] = [
  { name: 'nothing', edit: (text) => text },
  { name: 'a comment', edit: swap('// What is asked.', '/* What is\n asked, and more; { } */') },
  { name: 'a comment gone', edit: swap('// What is asked.\n', '') },
  { name: 'space', edit: (text) => text.replace(/\n/g, '\n\n').replace(/ = /g, '=').replace(/^ {2}/gm, '\t') },
  { name: 'a field', edit: swap('Kind kind = 7;', 'Kind kind = 7; string more = 8;') },
  { name: 'a field before the others', edit: swap('string prompt = 1;', 'string more = 8; string prompt = 1;') },
  { name: 'a field with options', edit: swap('Kind kind = 7;', 'Kind kind = 7; string more = 8 [deprecated = true];') },
  { name: 'a repeated field', edit: swap('Kind kind = 7;', 'Kind kind = 7; repeated string more = 8;') },
  { name: 'a map', edit: swap('Kind kind = 7;', 'Kind kind = 7; map<string, int32> more = 8;') },
  { name: 'a message', edit: (text) => `${text}message More { Reply reply = 1; }\n` },
  { name: 'a message in a message', edit: swap('Kind kind = 7;', 'Kind kind = 7; message More { int32 a = 1; }') },
  { name: 'an enum', edit: (text) => `${text}enum More { ZERO = 0; }\n` },
  { name: 'an enum’s value', edit: swap('CHAT = 1;', 'CHAT = 1; IMAGE = 2;') },
  { name: 'a negative value', edit: swap('CHAT = 1;', 'CHAT = 1; BAD = -1;') },
  {
    name: 'a method',
    edit: swap('returns (stream Reply);', 'returns (stream Reply); rpc More (Request) returns (Reply);'),
  },
  {
    name: 'a method with a body',
    edit: swap('returns (stream Reply);', 'returns (stream Reply); rpc More (Request) returns (Reply) {}'),
  },
  { name: 'a service', edit: (text) => `${text}service More { rpc Do (Request) returns (Reply); }\n` },
  {
    name: 'a oneof of new fields',
    edit: swap('Kind kind = 7;', 'Kind kind = 7; oneof more { int32 a = 10; int32 b = 11; }'),
  },
  {
    name: 'a well-known import',
    edit: swap('option go_package', 'import "google/protobuf/any.proto";\noption go_package'),
  },
  {
    name: 'another order of fields',
    edit: swap(/( {2}string prompt = 1;\n)([\s\S]*)( {2}Kind kind = 7;\n)/, '$3$2$1'),
  },
  {
    name: 'another order of messages',
    edit: (text) =>
      `${text.replace('message Reply { bytes message = 1; }\n', '')}message Reply { bytes message = 1; }\n`,
  },
  { name: 'an empty statement', edit: swap('Kind kind = 7;', 'Kind kind = 7;;') },
  { name: 'other quotes', edit: swap('"example.org/backend"', "'example.org/backend'") },
  { name: 'in proto2: an optional field', from: proto2, edit: swap('extensions', 'optional int32 b = 5; extensions') },
  { name: 'in proto2: an extension', from: proto2, edit: swap('more = 100;', 'more = 100; optional int32 b = 101;') },
  { name: 'in proto2: an enum’s value behind the others', from: proto2, edit: swap('TWO = 2;', 'TWO = 2; THREE = 3;') },
  { name: 'in an edition: a field', from: editions, edit: swap('int32 a = 1;', 'int32 a = 1; int32 b = 2;') },
];

const more: readonly Row[] = [
  { name: 'a field gone', edit: swap('  string prompt = 1;\n', '') },
  { name: 'a field’s number', edit: swap('prompt = 1', 'prompt = 20') },
  { name: 'a field’s name', edit: swap('prompt', 'question') },
  { name: 'a field’s type', edit: swap('string prompt', 'bytes prompt') },
  { name: 'a label', edit: swap('string prompt', 'repeated string prompt') },
  { name: 'a label gone', edit: swap('optional bool', 'bool') },
  { name: 'a JSON name', edit: swap('"isStream"', '"streams"') },
  { name: 'a JSON name gone', edit: swap(' [json_name = "isStream"]', '') },
  { name: 'an option of a field', edit: swap('packed = true', 'packed = false') },
  { name: 'a new option of a field', edit: swap('Kind kind = 7;', 'Kind kind = 7 [deprecated = true];') },
  { name: 'an option of the file', edit: swap('example.org/backend', 'example.org/other') },
  {
    name: 'a new option of the file',
    edit: swap('option go_package', 'option cc_enable_arenas = true;\noption go_package'),
  },
  { name: 'a new option of a message', edit: swap('reserved 9;', 'reserved 9; option deprecated = true;') },
  {
    name: 'a new option of a method',
    edit: swap('returns (Reply) {}', 'returns (Reply) { option deprecated = true; }'),
  },
  { name: 'a map’s value', edit: swap('map<string, Options>', 'map<string, string>') },
  { name: 'a map’s key', edit: swap('map<string, Options>', 'map<int32, Options>') },
  {
    name: 'a field moved into a oneof',
    edit: swap(/( {2}string prompt = 1;\n)([\s\S]*)bytes audio = 5;/, '$2bytes audio = 5; string prompt = 1;'),
  },
  {
    name: 'a field moved out of a oneof',
    edit: swap('string text = 4; bytes audio = 5; }', 'string text = 4; } bytes audio = 5;'),
  },
  { name: 'a field in an old oneof', edit: swap('bytes audio = 5;', 'bytes audio = 5; bytes video = 12;') },
  { name: 'a oneof’s name', edit: swap('oneof input', 'oneof given') },
  {
    name: 'a message gone',
    edit: swap('  message Options { int32 depth = 1; }\n  Kind kind = 7;\n', '  Kind kind = 7;\n'),
  },
  { name: 'a message’s name', edit: swap('message Options', 'message Settings') },
  { name: 'an enum’s value gone', edit: swap(' CHAT = 1;', '') },
  { name: 'an enum’s number', edit: swap('CHAT = 1', 'CHAT = 3') },
  { name: 'an enum’s value before all others', from: proto2, edit: swap('ONE = 1;', 'ZERO = 0; ONE = 1;') },
  { name: 'a value beside aliases', edit: swap('B = 1;', 'B = 1; C = 1;') },
  { name: 'a number that is used twice', edit: swap('Kind kind = 7;', 'Kind kind = 7; string more = 1;') },
  { name: 'a number that is reserved', edit: swap('Kind kind = 7;', 'Kind kind = 7; string more = 9;') },
  { name: 'a reserved number more', edit: swap('reserved 9;', 'reserved 9; reserved 10;') },
  { name: 'a reserved number less', edit: swap('  reserved 9;\n', '') },
  { name: 'a method gone', edit: swap('  rpc Watch (Request) returns (stream Reply);\n', '') },
  { name: 'a method’s request', edit: swap('Predict (Request)', 'Predict (Reply)') },
  { name: 'a method’s stream', edit: swap('returns (stream Reply)', 'returns (Reply)') },
  { name: 'the package', edit: swap('backend.v1', 'backend.v2') },
  { name: 'the syntax', edit: swap('"proto3"', '"proto2"') },
  { name: 'the syntax gone', edit: swap('syntax = "proto3";\n', '') },
  { name: 'an import gone', edit: swap('import "google/protobuf/empty.proto";\n', '') },
  { name: 'an import that is public now', edit: swap('import "google', 'import public "google') },
  { name: 'an import of another’s file', edit: swap('option go_package', 'import "other.proto";\noption go_package') },
  {
    name: 'a message that hides another',
    edit: swap('Options { int32 depth = 1; }', 'Options { int32 depth = 1; message Kind { int32 a = 1; } }'),
  },
  {
    name: 'a message with a package’s name',
    from: 'syntax = "proto3"; message A { google.protobuf.Any a = 1; }',
    edit: (text) => `${text} message google {}`,
  },
  { name: 'a required field', from: proto2, edit: swap('extensions', 'required int32 b = 5; extensions') },
  {
    name: 'a field that an edition makes required',
    from: editions,
    edit: swap('int32 a = 1;', 'int32 a = 1; int32 b = 2 [features.field_presence = LEGACY_REQUIRED];'),
  },
  { name: 'the edition', from: editions, edit: swap('2023', '2024') },
  { name: 'a default', from: proto2, edit: swap('default = 3', 'default = 4') },
  { name: 'a required field made optional', from: proto2, edit: swap('required', 'optional') },
  {
    name: 'what is in a group',
    from: proto2,
    edit: swap('{ optional int32 a = 1; }', '{ optional int32 a = 1; optional int32 b = 2; }'),
  },
  {
    name: 'a group',
    from: proto2,
    edit: swap('extensions', 'optional group More = 6 { optional int32 a = 1; } extensions'),
  },
  { name: 'a range of extensions', from: proto2, edit: swap('100 to 199', '100 to 299') },
  { name: 'a text with what ends a statement in it', edit: swap('example.org/backend', 'example.org/backend;x') },
  { name: 'a mistake', edit: swap('Kind kind = 7;', 'Kind kind = 7; strin') },
  { name: 'an end that is missing', edit: (text) => text.slice(0, -3) },
  { name: 'another thing altogether', edit: () => '{"json": true}' },
  { name: 'nothing at all', edit: () => '' },
  { name: 'blocks without end', edit: () => 'message A {'.repeat(100_000) },
];

describe('an addition', () => {
  test.for(additive)('$name', async ({ from = base, edit }, { expect }) => {
    expect(await isAdditive(from, edit(from))).toEqual({ additive: true });
  });
});

describe('more than an addition', () => {
  test.for(more)('$name', async ({ from = base, edit }, { expect }) => {
    expect(await isAdditive(from, edit(from))).toEqual({ additive: false, why: expect.stringMatching(/./) });
  });
});

describe('as a rule', () => {
  test('a file adds to itself, and no file from which a word is gone does', async ({ expect }) => {
    const words = base.split(/(\s+)/);
    await fc.assert(
      fc.asyncProperty(fc.nat(words.length - 1), async (place) => {
        const gone = words.filter((_, at) => at !== place).join('');
        const isWord = /\S/.test(words[place] ?? '') && !/^(?:\/\/|What|is|asked\.)$/.test(words[place] ?? '');
        if (isWord) expect((await isAdditive(base, gone)).additive).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test('what adds to an addition adds to the first', async ({ expect }) => {
    const plain = additive.filter(({ from, name }) => from === undefined && !/order|quotes|space|gone/.test(name));
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length - 1), fc.nat(plain.length - 1), async (one, other) => {
        fc.pre(one !== other);
        const [a, b] = [plain[one], plain[other]];
        const both = [a, b].reduce((text, row) => {
          try {
            return row?.edit(text) ?? text;
          } catch {
            return text;
          }
        }, base);
        // Two of them may take one number or one name: what cannot be read is no addition.
        const answer = await isAdditive(base, both);
        if (!answer.additive) expect(answer.why).toMatch(/duplicate/);
      }),
      { numRuns: 60 },
    );
  });
});
