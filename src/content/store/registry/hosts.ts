/** Registries by their hosts: where each is reached, and by what protocol. */

/** One registry. */
export interface RegistryHost {
  /** As it stands in references: `ghcr.io`, `docker.io`, `127.0.0.1:5000`. */
  readonly host: string;
  /** Where it is reached: `https://registry-1.docker.io`. */
  readonly origin: string;
}

/** Which registries may be reached by plain HTTP, beside those on loopback. */
export interface HostOptions {
  /** Exact hosts, with their port where they have one. */
  readonly insecureHosts?: readonly string[];
}

/** The registry behind a host as references name it. Plain HTTP only on loopback, or where it is told so for this very host. */
export function registryHost(host: string, options: HostOptions = {}): RegistryHost {
  if (host === 'docker.io') return { host, origin: 'https://registry-1.docker.io' };
  const plain = isLoopback(host) || (options.insecureHosts ?? []).includes(host);
  return { host, origin: `${plain ? 'http' : 'https'}://${host}` };
}

/** Whether a host (with or without port) is this machine: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(host: string): boolean {
  return /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\])(?::\d+)?$/i.test(host);
}

/** Whether a URL is the registry itself: the only place that sees its credentials. */
export function isOwnUrl(registry: RegistryHost, url: string): boolean {
  // Every request asks this: what begins as the registry's own addresses do needs no parsing.
  return url.startsWith(`${registry.origin}/`) || new URL(url).origin === new URL(registry.origin).origin;
}
