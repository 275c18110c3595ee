// What cosign's versions need to sign without a network.

import { environmentForPeers, requirePeer } from './peers.ts';
import { runOk } from './run.ts';

/** Flags of `cosign sign` for a key, no transparency log and a registry on loopback. cosign 3 wants one more than 2. */
export async function offlineSignFlags(): Promise<readonly string[]> {
  const help = await runOk(requirePeer('cosign'), ['sign', '--help'], { env: environmentForPeers() });
  const config = help.includes('--use-signing-config') ? ['--use-signing-config=false'] : [];
  return ['--yes', '--tlog-upload=false', '--allow-http-registry', ...config];
}

/** Flags of `cosign verify` for the same. */
export const offlineVerifyFlags: readonly string[] = ['--insecure-ignore-tlog=true', '--allow-http-registry'];
