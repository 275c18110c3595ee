/** A build's secrets, made known so that no log shows them. */
import type { Host } from '../base/host/host.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import { familyRoot } from './family-root.ts';

// BuildKit takes no larger secret.
const maxSecretBytes = 512 * 1024;

/** Adds the values of the target's secrets (whole, and line by line) to those that are blanked; one that cannot be read is the builder's to refuse. */
export async function hideSecrets(keyed: KeyedLeg, host: Host): Promise<void> {
  for (const setting of keyed.leg.target.secret) {
    const value = await secretValue(setting, keyed, host);
    if (value === undefined) continue;
    for (const part of [value.trim(), ...value.split('\n').map((line) => line.trim())]) host.secrets.add(part);
  }
}

/** `id=ID[,env=NAME | ,src=FILE]`; with an id alone the variable of that name, else the file (Buildx's `--secret`). */
async function secretValue(setting: string, keyed: KeyedLeg, host: Host): Promise<string | undefined> {
  const fields = new Map(setting.split(',').map((field) => splitOnce(field.replace(/^"(.*)"$/, '$1'))));
  const id = fields.get('id') ?? fields.get('src') ?? fields.get('source');
  const file = fields.get('src') ?? fields.get('source');
  const variable =
    fields.get('env') ?? (fields.get('type') === 'env' ? (file ?? id) : file === undefined ? id : undefined);
  if (variable !== undefined && host.env[variable] !== undefined) return host.env[variable];
  const path = file ?? id;
  if (path === undefined) return undefined;
  const whole = path.startsWith('/') ? path : `${familyRoot(keyed, host)}/${path}`;
  return await host.files.readText(whole, maxSecretBytes).catch(() => undefined);
}

function splitOnce(field: string): readonly [string, string] {
  const at = field.indexOf('=');
  return at < 0 ? [field, ''] : [field.slice(0, at), field.slice(at + 1)];
}
