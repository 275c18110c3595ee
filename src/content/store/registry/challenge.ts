/** WWW-Authenticate (RFC 9110, section 11.6.1): what a registry asks for, and whether its token server may be asked. */
import { FanfoldError } from '../../../base/errors/error.ts';

/** One challenge: its scheme in lower case, its parameters by their names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const maxHeaderLength = 16_384;
const parameter = /^([!#$%&'*+\-.^_`|~0-9a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/i;
const word = /^[!#$%&'*+\-.^_`|~0-9a-z]+/i;

/** Every challenge of a header, in its order; what cannot be understood ends the list. A comma parts parameters and challenges alike. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let rest = header.slice(0, maxHeaderLength).replace(/^[\s,]+/, '');
  while (rest !== '') {
    const given = parameter.exec(rest);
    const current = challenges.at(-1);
    if (given !== null && current !== undefined) {
      const [whole, name = '', quoted, token = ''] = given;
      current.parameters[name.toLowerCase()] ??= quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1');
      rest = rest.slice(whole.length);
    } else {
      const scheme = word.exec(rest)?.[0];
      if (scheme === undefined) break;
      challenges.push({ scheme: scheme.toLowerCase(), parameters: Object.create(null) });
      rest = rest.slice(scheme.length);
    }
    rest = rest.replace(/^[\s,]+/, '');
  }
  return challenges;
}

/** The registry that sent a challenge, as far as its token server is judged by it. */
export interface ChallengedHost {
  readonly host: string;
  readonly origin: string;
}

/**
 * The token server of a Bearer challenge. It gets the registry's credentials, so it must be https, except beside a registry that
 * itself is reached by plain HTTP; and a registry on the network at large may not name an address inside this one.
 * @throws FanfoldError `registry.denied`
 */
export function realmOf(challenge: Challenge, registry: ChallengedHost): URL {
  const text = challenge.parameters['realm'] ?? '';
  const realm = URL.canParse(text) ? new URL(text) : undefined;
  if (realm === undefined) throw refused(registry, text, 'it is no URL');
  const local = isLocalHost(realm.hostname);
  const plainAllowed = registry.origin.startsWith('http:') && (local || realm.hostname === hostnameOf(registry));
  if (realm.protocol !== 'https:' && !(realm.protocol === 'http:' && plainAllowed)) {
    throw refused(registry, text, 'it is not https');
  }
  if (local && !isLocalHost(hostnameOf(registry))) throw refused(registry, text, 'it leads into the local network');
  if (realm.username !== '' || realm.password !== '') throw refused(registry, text, 'it holds credentials');
  return realm;
}

/** Whether a host's name or address is this machine's, private (RFC 1918, 4193), link-local or of an internal zone. */
export function isLocalHost(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  if (name.includes(':')) return isLocalAddress6(name);
  const parts = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(name);
  if (parts === null)
    return name === 'localhost' || !name.includes('.') || /\.(?:localhost|local|internal|lan|home\.arpa)$/.test(name);
  const [first, second] = [Number(parts[1]), Number(parts[2])];
  return (
    first === 0 ||
    first === 10 ||
    first === 127 ||
    (first === 100 && second >= 64 && second < 128) ||
    (first === 169 && second === 254) ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168)
  );
}

function isLocalAddress6(address: string): boolean {
  // A mapped IPv4 address is written as two groups by the URL parser; none is ever needed here.
  return /^(?:::1?$|f[cd]|fe[89ab]|::ffff:|64:ff9b:)/.test(address);
}

function hostnameOf(registry: ChallengedHost): string {
  return new URL(registry.origin).hostname;
}

function refused(registry: ChallengedHost, realm: string, why: string): FanfoldError {
  return new FanfoldError(
    'registry.denied',
    `${registry.host} names the token server ${JSON.stringify(realm.slice(0, 200))}, which is not asked: ${why}`,
    { place: { registry: registry.host } },
  );
}
