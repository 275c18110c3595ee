/** A connection as Node.js's HTTP sees it, and past which a large body can be read. It serves no request after that one. */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net';
import { Duplex } from 'node:stream';
import { LargeBody } from './large-body.ts';

/** Bytes that are read at once while HTTP reads: heads, and small bodies. */
const headBytes = 16 * 1024;
/** How long a client may take to close a connection that was ended here. */
const lingerMs = 10_000;

type Handle = NonNullable<object>;

/**
 * Takes over a connection that was accepted. Only a socket that is made with `onread` reads into given buffers, and a server makes its own without:
 * so its handle goes to another. Undefined where this Node.js keeps no handle there: HTTP then has the connection as it is.
 */
export function takeOver(accepted: Socket & { _handle?: Handle | null }): Connection | undefined {
  const handle = accepted._handle;
  if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle)) return undefined;
  accepted._handle = null;
  // The server counts the socket that it made.
  return new Connection(handle, () => accepted.destroy());
}

/** The stream that HTTP is given in the socket's place. */
export class Connection extends Duplex {
  readonly #socket: Socket;
  readonly #head = Buffer.allocUnsafeSlow(headBytes);
  #body: LargeBody | undefined;

  /** `closed` is called when the connection is. */
  constructor(handle: Handle, closed: () => void) {
    // One read waits for HTTP at the most: what it tells of a body is then known with the read that told of it.
    super({ readableHighWaterMark: 1 });
    const onread: OnReadOpts = {
      buffer: () => this.#body?.room() ?? this.#head,
      callback: (sizeBytes, buffer) => this.#receive(sizeBytes, buffer),
    };
    this.#socket = new Socket({ handle, onread, allowHalfOpen: true } as SocketConstructorOpts);
    this.#socket.on('timeout', () => this.#onTimeout());
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.once('end', () => {
      this.#body?.fail();
      this.push(null);
    });
    this.#socket.once('close', () => {
      closed();
      this.destroy();
    });
  }

  /**
   * Lets a body of `sizeBytes` come past HTTP. To be called as its request is told of; `first` gives what HTTP has of it by then. The
   * connection must be closed by the answer: HTTP is still waiting for the rest.
   */
  divert(sizeBytes: number, first: () => Uint8Array): LargeBody {
    this.#body = new LargeBody(sizeBytes, first, () => this.#socket.resume());
    return this.#body;
  }

  /** As a socket's: HTTP asks for it by this name. */
  setTimeout(ms: number): this {
    this.#socket.setTimeout(ms);
    return this;
  }

  override _read(): void {
    if (this.#body === undefined) this.#socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.setTimeout(lingerMs);
    this.#socket.resume();
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#body?.fail();
    this.#socket.destroy();
    done(error);
  }

  /** Gives whether more may come. */
  #receive(sizeBytes: number, buffer: Uint8Array): boolean {
    const body = this.#body;
    if (body === undefined) {
      this.push(Buffer.from(this.#head.subarray(0, sizeBytes)));
      // What HTTP has not taken at once waits: a body that it tells of then is not to come before that.
      return this.#body === undefined && this.readableLength === 0;
    }
    if (body.isWhole()) {
      // Another request, which is not answered any more.
      if (this.writableEnded) this.destroy();
      return false;
    }
    return buffer === this.#head ? body.take(this.#head.subarray(0, sizeBytes)) : body.filled(sizeBytes);
  }

  /** A client that is kept waiting is not one that stands still. */
  #onTimeout(): void {
    if (this.#body?.waitsForReader()) this.#socket.setTimeout(this.#socket.timeout ?? 0);
    else this.emit('timeout');
  }
}
