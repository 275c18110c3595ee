/** The actions that a generated workflow uses, each by its commit. */
/** actions/checkout v7.0.1 of 2026-07-20. */
const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';

/** Checks the repository out, without its credentials staying in the work tree; whole (or to a depth) where a reason is given. */
export function checkoutStep(withHistory?: string, depth = '0'): readonly string[] {
  const fetched = /^\d+$/.test(depth) ? depth : `"${depth}"`;
  const given =
    withHistory === undefined
      ? '{ persist-credentials: false }'
      : `{ fetch-depth: ${fetched}, persist-credentials: false } # ${withHistory}`;
  return [`- ${uses(checkout)}`, `  with: ${given}`];
}

/** `uses: OWNER/NAME@COMMIT # VERSION`, of an action or a reusable workflow as configuration writes it: of characters that YAML takes as they are. */
export function uses(pinned: string): string {
  const [reference = '', version] = pinned.split(/ *# */);
  return `uses: ${reference}${version === undefined ? '' : ` # ${version}`}`;
}
