// Dockerfiles from a seed: COPY, ADD, WORKDIR and USER in any order, over everything that the direct builder's context and base have.

/** A number from 0 below `count`. */
type Draw = (count: number) => number;

/** `count` Dockerfiles; the same seed gives the same ones. They name the base by the argument BASE. Some cannot be built. */
export function randomDockerfiles(seed: number, count: number): readonly string[] {
  let state = seed;
  const draw: Draw = (most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % most;
  };
  return Array.from({ length: count }, () => {
    const onBase = draw(2) === 0;
    const lines = Array.from({ length: 1 + draw(4) }, () => randomLine(draw, onBase));
    return `ARG BASE\nFROM $BASE AS base\nFROM ${onBase ? 'base' : 'scratch'}\n${lines.join('\n')}\n`;
  });
}

const words = (text: string): readonly string[] => text.split(' ');
const contextSources = words(
  'app app/ app/tool app/sub docs docs/v1 links links/to-conf links/to-docs readme.md *.md app/* docs/* empty . ./app/./sub app/sub/.. a* ' +
    'archives/plain.tar l* docs/v?/deep',
);
const stageSources = words(
  '/srv /etc /usr/lib /lib /bin/ /link-abs /file-link /hard /usr/* /etc/pass* /opaque /fifo /tmp / /srv/owned/sub /lib/libx*',
);
const destinations = words(
  '/ /x /x/ /x/y /x/y/ . ./ rel rel/ /lib /lib/ /lib/a /bin/b /link-abs /link-abs/ /link-abs/z /file-link /srv/owned /srv/owned/ ' +
    '/srv/owned/new/deep /etc /etc/ /tmp/q /usr/bin /hard/a /opaque/ /srv/owned/sub /x/../w /etc/motd /dangling',
);
const folders = words('/x y /srv/owned/w /lib/w /link-abs/ww /tmp ../up /etc/motd/no');
const modes = words('700 0755 4750 u=rwx,go=rx g-r a+X go=u-w');
const excludes = words('*.txt **/*.md sub **/deep v1 **/*.so* !x');
const owners = words('7 7:8 0:9');
const namedOwners = words('app app:staff 9:staff');

function randomLine(draw: Draw, onBase: boolean): string {
  const pick = (from: readonly string[]): string => from[draw(from.length)] ?? '';
  const kind = draw(10);
  if (kind === 0) return `WORKDIR ${pick(folders)}`;
  if (kind === 1) return `USER ${pick(onBase ? words('app 1001 77:88 app:staff root') : words('5 77:88'))}`;
  const isAdd = draw(4) === 0;
  const fromStage = !isAdd && draw(3) === 0;
  const flags = [
    ...(draw(3) === 0 ? [`--chown=${pick(onBase && draw(2) === 0 ? namedOwners : owners)}`] : []),
    ...(draw(4) === 0 ? [`--chmod=${pick(modes)}`] : []),
    ...(draw(5) === 0 ? ['--link'] : []),
    ...(draw(5) === 0 ? [`--exclude=${pick(excludes)}`] : []),
    ...(fromStage ? ['--from=base'] : []),
  ];
  const sources = Array.from({ length: draw(4) === 0 ? 2 : 1 }, () => pick(fromStage ? stageSources : contextSources));
  return [isAdd ? 'ADD' : 'COPY', ...flags, ...sources, pick(destinations)].join(' ');
}
