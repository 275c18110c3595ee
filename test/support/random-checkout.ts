// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles look like this
// Checkouts by chance, and what people do to them: for the rule that no change of content keeps its key.

import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { BaseConfig } from './base-image.ts';
import type { Mutation } from './mutate-checkout.ts';
import type { FileSpec } from './repository.ts';
import { tarOf } from './tar.ts';

/** A Dockerfile's stage: what FROM says, and the lines below. */
export interface RandomStage {
  readonly from: string;
  readonly lines: readonly string[];
}

/** Everything that a build of it can depend on. */
export interface RandomCheckout {
  readonly tree: Readonly<Record<string, FileSpec>>;
  readonly stages: readonly RandomStage[];
  /** Of three stages the first two have each other's names: it decides which one a name means. */
  readonly swapped: boolean;
  /** The text of .dockerignore, and of the Dockerfile's own where there is one. */
  readonly ignore: string;
  readonly ownIgnore?: string;
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The stage that is asked for; the last one where absent. */
  readonly stage?: string;
  /** The config of `base.test/base:1`. */
  readonly base: BaseConfig;
}

/** The text of a checkout's Dockerfile. */
export function dockerfileOf({ stages, swapped }: Pick<RandomCheckout, 'stages' | 'swapped'>): string {
  const names = swapped && stages.length > 2 ? ['s1', 's0', 's2'] : ['s0', 's1', 's2'];
  const parts = stages.map(({ from, lines }, at) => [`FROM ${from} AS ${names[at]}`, ...lines].join('\n'));
  return `ARG S=a\n${parts.join('\n')}\n`;
}

/** The files of a checkout, the Dockerfile and its ignore files among them. */
export function filesOf(checkout: RandomCheckout): Readonly<Record<string, FileSpec>> {
  const { tree, ignore, ownIgnore } = checkout;
  return {
    ...withoutClashes(tree),
    Dockerfile: dockerfileOf(checkout),
    '.dockerignore': ignore,
    ...(ownIgnore === undefined ? {} : { 'Dockerfile.dockerignore': ownIgnore }),
  };
}

/** A path cannot be a file and a folder: what has something below it is a folder. */
function withoutClashes(tree: RandomCheckout['tree']): RandomCheckout['tree'] {
  const paths = Object.keys(tree);
  return Object.fromEntries(
    Object.entries(tree).filter(([path]) => !paths.some((other) => other.startsWith(`${path}/`))),
  );
}

const words = (text: string): fc.Arbitrary<string> => fc.constantFrom(...text.split(' '));

const texts = words('1 2 3');
const archive = fc.tuple(words('in x/in a'), texts, fc.boolean()).map(([path, text, packed]) => {
  const tar = tarOf([{ path, content: Buffer.from(text) }]);
  return packed ? gzipSync(tar) : tar;
});
const spec: fc.Arbitrary<FileSpec> = fc.oneof(
  { weight: 4, arbitrary: texts },
  fc.record({ bytes: texts, executable: fc.constant(true as const) }),
  fc.record({ link: words('a x y ../a y/d /x nowhere .') }),
  archive,
);
const path = fc
  .tuple(fc.constantFrom('', 'x/', 'y/', 'x/y/', 'z/'), words('a b c.log d t.tar .h x y'))
  .map((parts) => parts.join(''));

const source = words(
  '. x y/ x/y a b * x/* ?  [ab] */a $S x/$S ${S:-x} ${V:-a} ${S%b}a t.tar x/./y l y/../a *.log /x ./b missing* .h [!a]*',
).filter((word) => word !== '');
const sources = fc.array(source, { minLength: 1, maxLength: 2 }).map((list) => list.join(' '));
const destination = words('/t/ /u/ rel/ /t/x/ /$V/');
const flags = fc
  .array(words('--chmod=600 --chmod=755 --chown=5:6 --link --exclude=*.log --exclude=x --exclude=**/a --exclude=$S'), {
    maxLength: 2,
  })
  .map((list) =>
    [...new Set(list.map((flag) => [flag.split('=')[0], flag] as const).map(([, flag]) => flag))].join(' '),
  );
const from = words('s0 s1 0 1 extra base.test/base:1');
const copy = fc.tuple(flags, sources, destination).map(([flag, what, to]) => `COPY ${flag} ${what} ${to}`);
const copyFrom = fc
  .tuple(from, words('/ /t /t/* /u /mark $S a .'), destination)
  .map(([stage, what, to]) => `COPY --from=${stage} ${what} ${to}`);
const add = fc
  .tuple(flags, sources, destination)
  .map(([flag, what, to]) => `ADD ${flag.replace(/--exclude=\S+/g, '')} ${what} ${to}`);
const heredoc = fc
  .tuple(words('one $S $V'), fc.boolean())
  .map(([text, quoted]) => `COPY <<${quoted ? '"E"' : 'E'} /h\n${text}\nE`);
const setting = words(
  'ENV|V=a ENV|V=b ENV|V=$S ARG|S ARG|S=a ARG|S=x ARG|V=x WORKDIR|/w WORKDIR|v USER|7 LABEL|l=$S LABEL|l=1 CMD|["a"] EXPOSE|80 VOLUME|/v STOPSIGNAL|9 ENTRYPOINT|a #|note ONBUILD|COPY|a|/',
).map((text) => text.replaceAll('|', ' '));
const line = fc.oneof(
  { weight: 5, arbitrary: copy },
  { weight: 3, arbitrary: copyFrom },
  { weight: 2, arbitrary: add },
  { weight: 1, arbitrary: heredoc },
  { weight: 3, arbitrary: setting },
);
const stageFrom = words('scratch scratch base.test/base:1 s0 s1 base.test/$BASE:1 extra');
const stage: fc.Arbitrary<RandomStage> = fc.record({
  from: stageFrom,
  lines: fc.array(line, { minLength: 1, maxLength: 3 }),
});
/** The last of three stages reads the other two. */
const lastStage = stage.map(({ from, lines }) => ({
  from,
  lines: [...lines, 'COPY --from=s0 / /z/', 'COPY --from=s1 / /y/'],
}));
const ignore = fc
  .array(words('*.log **/*.log x !x/y * !y !a **/d y/ # a !**/a /b ? .h x/* ./y'), { maxLength: 3 })
  .map((lines) => `${lines.join('\n')}\n`);
const args = fc.dictionary(words('S V BASE UNUSED'), words('a b x base y'), { maxKeys: 2 });
const config: fc.Arbitrary<BaseConfig> = fc.record(
  {
    env: fc.constantFrom(['V=a'], ['V=x', 'W=1'], ['S=y']),
    onbuild: fc.constantFrom(['COPY b /ob'], ['ADD t.tar /ob/'], ['ENV V=b']),
  },
  { requiredKeys: [] },
);

const always = {
  a: '1',
  b: '1',
  'x/a': '1',
  'x/y/d': '1',
  'y/c.log': '1',
  't.tar': tarOf([{ path: 'in', content: Buffer.from('1') }]),
  l: { link: 'x' },
};

/** Checkouts. Some cannot be built. */
export const randomCheckout: fc.Arbitrary<RandomCheckout> = fc.record(
  {
    tree: fc.dictionary(path, spec, { maxKeys: 3 }).map((files): RandomCheckout['tree'] => ({ ...always, ...files })),
    stages: fc.oneof(fc.array(stage, { minLength: 1, maxLength: 2 }), fc.tuple(stage, stage, lastStage)),
    swapped: fc.boolean(),
    ignore,
    ownIgnore: ignore,
    args,
    labels: fc.dictionary(words('k l'), texts, { maxKeys: 1 }),
    stage: words('s0 s1'),
    base: config,
  },
  { requiredKeys: ['tree', 'stages', 'swapped', 'ignore', 'args', 'labels', 'base'] },
);

const place = fc.nat(60);

/** Changes of them. */
export const randomMutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('file' as const), path, spec }),
  fc.record({ kind: fc.constant('edit' as const), place, spec }),
  fc.record({ kind: fc.constant('remove' as const), place }),
  fc.record({ kind: fc.constant('rename' as const), place, path }),
  fc.record({ kind: fc.constant('line' as const), place, line }),
  fc.record({ kind: fc.constant('insert' as const), place, line }),
  fc.record({ kind: fc.constant('drop' as const), place }),
  fc.boolean().map((swapped) => ({ kind: 'set' as const, fields: { swapped } })),
  fc.record({ kind: fc.constant('from' as const), place, from: stageFrom }),
  fc
    .oneof(
      fc.record({ ignore }),
      fc.record({ ownIgnore: ignore }),
      fc.record({ args }),
      fc.record({ labels: fc.dictionary(words('k l'), texts, { maxKeys: 1 }) }),
      fc.record({ stage: words('s0 s1') }),
      fc.record({ base: config }),
    )
    .map((fields) => ({ kind: 'set' as const, fields })),
);
