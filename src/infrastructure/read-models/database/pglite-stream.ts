import { Duplex } from 'node:stream';

/** What the driver takes for a socket: its bytes go to the embedded database without one. */
export class PgliteStream extends Duplex {
  constructor(private readonly send: (bytes: Uint8Array<ArrayBuffer>) => void) {
    super();
  }

  /** Bytes of the database's answer. */
  receive(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.destroyed) this.push(bytes);
  }

  connect(): this {
    setImmediate(() => this.emit('connect'));
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  override _read(): void {
    // What arrives is pushed at once: the driver asks one thing at a time, and takes what it has asked for.
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.send(new Uint8Array(chunk));
    done();
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: () => void): void {
    this.send(new Uint8Array(Buffer.concat(chunks.map(({ chunk }) => chunk))));
    done();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }
}
