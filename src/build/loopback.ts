/** Which registries are this machine itself. */

/** Whether a registry's host is on loopback: `localhost`, 127.0.0.0/8 or ::1, with or without a port. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(host);
}
