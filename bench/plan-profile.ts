/** A processor profile of a bundle that esbuild made, told by the modules that the bundle is made of. */

/** What `node --cpu-prof` writes, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  /** In microseconds; that of each sample. */
  readonly timeDeltas: readonly number[];
}

/**
 * Milliseconds by the place of the code: a folder of src/, a package, `Node.js: modules` (reading and compiling them), `Node.js`, `garbage
 * collection`, `waiting` (for git).
 */
export function timeByModule({ nodes, samples, timeDeltas }: CpuProfile, bundle: string): ReadonlyMap<string, number> {
  const modules = modulesByLine(bundle);
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame, modules)]));
  const totals = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? 'Node.js';
    totals.set(place, (totals.get(place) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  return new Map([...totals].sort(([, one], [, other]) => other - one));
}

/** Before each module, esbuild writes its path in a comment. */
function modulesByLine(bundle: string): readonly string[] {
  let current = '';
  return bundle.split('\n').map((line) => {
    current = /^ *\/\/ ((?:\.\.\/)*(?:node_modules|src|bench)\/\S+)$/.exec(line)?.[1] ?? current;
    return current;
  });
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

function placeOf({ functionName, url, lineNumber }: Frame, modules: readonly string[]): string {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(idle)' || functionName === '(program)') return 'waiting';
  if (url.startsWith('node:internal/modules')) return 'Node.js: modules';
  if (!url.endsWith('/plan.mjs')) return 'Node.js';
  const module = modules[lineNumber] ?? '';
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1];
  return name ?? module.split('/').slice(0, -1).join('/');
}
