/** A connection that stands still, told from one whose other end on this side is not ready. */
import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Stops a request whose connection stands still for `stallMs`, from its opening on, unless `isOurs` says that it waits for this side.
 * What it gives ends the watch: the connection serves the next request then.
 */
export function watchStall(
  sent: ClientRequest,
  stallMs: number,
  stop: (why: Error) => void,
  isOurs: () => boolean,
): () => void {
  let watched: Socket | undefined;
  const onTimeout = (): void => {
    if (isOurs()) watched?.setTimeout(stallMs);
    else stop(new Error(`nothing moved for ${stallMs} ms`));
  };
  sent.once('socket', (socket) => {
    watched = socket;
    socket.setTimeout(stallMs);
    socket.on('timeout', onTimeout);
  });
  return () => watched?.off('timeout', onTimeout);
}
