/** A connection that stands still, told from one whose other end on this side is not ready. */
import type { ClientRequest } from 'node:http';

/** Stops a request whose connection stands still for `stallMs`, from its opening on, unless `isOurs` says that it waits for this side. */
export function watchStall(
  sent: ClientRequest,
  stallMs: number,
  stop: (why: Error) => void,
  isOurs: () => boolean,
): void {
  sent.once('socket', (socket) => {
    const onTimeout = (): void => {
      if (isOurs()) socket.setTimeout(stallMs);
      else stop(new Error(`nothing moved for ${stallMs} ms`));
    };
    socket.setTimeout(stallMs);
    socket.on('timeout', onTimeout);
    sent.once('close', () => socket.off('timeout', onTimeout));
  });
}
