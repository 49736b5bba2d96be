import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** Bytes of it were swallowed: TCP never continues after a hole. */
  isSilent: boolean;
}

/** Between engines and event store: passes on what is said, late, or not at all. */
export class FaultyProxy {
  private readonly pairs = new Set<Pair>();
  private readonly listener: Server;
  private swallows = false;
  /** How late everything comes, in milliseconds. */
  lateMs: () => number = () => 0;

  private constructor(private readonly targetPort: number) {
    this.listener = createServer((client) => this.accept(client));
  }

  static async start(targetPort: number): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(targetPort);
    await new Promise<void>((resolve) => proxy.listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  /** From now on everything is swallowed, in both directions; connections stay open and are made. */
  swallow(): void {
    this.swallows = true;
    for (const pair of this.pairs) pair.isSilent = true;
  }

  /** New connections work again. @param reset whether those that were swallowed are reset; otherwise they stay silent for ever */
  passOn(reset: boolean): void {
    this.swallows = false;
    if (reset) for (const pair of this.pairs) if (pair.isSilent) this.reset(pair);
  }

  /** Resets connections. */
  cut(chosen: () => boolean = () => true): void {
    for (const pair of this.pairs) if (chosen()) this.reset(pair);
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.listener.close(resolve));
  }

  private reset({ client, server }: Pair): void {
    client.resetAndDestroy();
    server.resetAndDestroy();
  }

  private accept(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1');
    const pair: Pair = { client, server, isSilent: this.swallows };
    this.pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      let turn = Promise.resolve();
      from.on('data', (bytes) => {
        const lateMs = this.lateMs();
        // One after the other: what is said later never comes earlier.
        turn = turn.then(async () => {
          if (lateMs > 0) await new Promise((resolve) => setTimeout(resolve, lateMs));
          if (!pair.isSilent && !to.destroyed) to.write(bytes);
        });
      });
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.pairs.delete(pair);
      });
    }
  }
}
