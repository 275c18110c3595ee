/** The house's floors (docs/architecture.md): a folder imports lower floors only, never a neighbour on its own floor. */
const floors = [
  ['base'],
  ['content'],
  ['source'],
  ['ledger', 'runners'],
  ['plan', 'build', 'trust'],
  ['publish'],
  ['run'],
  ['report'],
  ['call'],
  ['ci', 'adopt', 'simulate'],
  ['cli', 'action', 'index.ts'],
];
const rooms = [
  ['base', ['errors', 'host']],
  ['content', ['oci', 'store', 'endpoint']],
  ['source', ['dockerfile', 'tags', 'git', 'project', 'inputs']],
];
const folder = (name) => (name.endsWith('.ts') ? `^src/${name.replace('.', '\\.')}$` : `^src/${name}/`);

const floorRules = floors.flatMap((names, floor) =>
  names.map((name) => ({
    name: `floor-${floor + 1}-${name}`,
    comment: `${name} is on floor ${floor + 1}: it imports lower floors only`,
    severity: 'error',
    from: { path: folder(name) },
    to: {
      path: floors
        .slice(floor)
        .flat()
        .filter((other) => other !== name)
        .map(folder),
    },
  })),
);

const roomRules = rooms.flatMap(([floor, names]) =>
  names.slice(0, -1).map((name, place) => ({
    name: `room-${floor}-${name}`,
    comment: `inside ${floor}, ${name} comes before ${names.slice(place + 1).join(', ')}`,
    severity: 'error',
    from: { path: `^src/${floor}/${name}/` },
    to: { path: names.slice(place + 1).map((later) => `^src/${floor}/${later}/`) },
  })),
);

const machine = ['^(node:)?fs', '^(node:)?child_process$', '^(node:)?https?$', '^(node:)?net$'];

module.exports = {
  forbidden: [
    ...floorRules,
    ...roomRules,
    {
      name: 'pure-rooms',
      comment: 'content/oci, source/dockerfile and source/tags import no room but errors',
      severity: 'error',
      from: { path: ['^src/content/oci/', '^src/source/dockerfile/', '^src/source/tags/'], pathNot: '\\.test\\.ts$' },
      to: {
        path: '^src/',
        pathNot: ['^src/base/errors/', '^src/$1/', '^src/content/oci/', '^src/source/dockerfile/', '^src/source/tags/'],
      },
    },
    {
      name: 'machine-is-passed-in',
      comment:
        'only base/host, content/store, content/endpoint, source/git and the doors touch files, processes and the network',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '^src/base/host/',
          '^src/content/store/',
          '^src/content/endpoint/',
          '^src/source/git/',
          '^src/(cli|action)/',
          '\\.(test|contract)\\.ts$',
        ],
      },
      to: { path: machine },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'not-from-tests',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: ['^test/', '\\.test\\.ts$', '^bench/', '^scripts/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
