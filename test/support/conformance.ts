// The official conformance suite of the distribution specification, run against a registry.

import { join } from 'node:path';
import { environmentForPeers, requirePeer } from './peers.ts';
import { run } from './run.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What the suite found. Names as it prints them, groups and their cases: `OCI Conformance Test/image/push/...`. */
export interface ConformanceResult {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
  /** The suite's own summary, for a failing test's message. */
  readonly summary: string;
}

/**
 * Runs the suite over plain HTTP. `settings` are its OCI_* variables (OCI_REPO1, OCI_API_REFERRER, OCI_FILTER_TEST, ...),
 * as its README has them. Throws where it could not run at all.
 */
export async function runConformance(
  host: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<ConformanceResult> {
  using folder = temporaryFolder('conformance');
  const own = { OCI_REGISTRY: host, OCI_TLS: 'disabled', OCI_RESULTS_DIR: join(folder.path, 'results') };
  const env = { ...environmentForPeers(), ...own, ...settings };
  const { stdout, stderr } = await run(requirePeer('conformance'), [], { cwd: folder.path, env, timeoutMs: 300_000 });
  // Its report files are not written where a filter is set; what it prints is the same.
  const cases = [...stdout.matchAll(/^ *(OCI Conformance Test\S*.*): (Pass|FAIL|Skip|Error|Disabled)$/gm)].flatMap(
    ([, name, status]) => (name && status ? [{ name, status }] : []),
  );
  if (cases.length === 0) throw new Error(`the suite ran nothing\n${stdout}${stderr}`);
  const named = (...statuses: string[]): string[] =>
    cases.filter((one) => statuses.includes(one.status)).map((one) => one.name);
  return { passed: named('Pass'), failed: named('FAIL', 'Error'), skipped: named('Skip', 'Disabled'), summary: stdout };
}
