import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a client and a server, and breaks the connection between them in the ways networks do. */
export class TcpProxy {
  readonly #pairs = new Set<{ client: Socket; server: Socket }>();
  readonly #listener: Server;
  #answersLost = false;
  /** Connections accepted so far. */
  accepted = 0;

  private constructor(private readonly targetPort: number) {
    this.#listener = createServer((client) => this.#accept(client));
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort);
    await new Promise<void>((resolve) => proxy.#listener.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get connectionString(): string {
    return `esdb://127.0.0.1:${(this.#listener.address() as AddressInfo).port}?tls=false`;
  }

  /** From now on what the server says is lost, over present connections and new ones; the connections stay open. */
  loseAnswers(): void {
    this.#answersLost = true;
  }

  /** New connections work again. Those that lost answers stay silent: TCP never continues after a hole. */
  deliverAnswers(): void {
    this.#answersLost = false;
  }

  /** Breaks all present connections. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listener.close(resolve));
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    const server = connect(this.targetPort, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    let silent = this.#answersLost;
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      silent ||= this.#answersLost;
      if (!silent) client.write(bytes);
    });
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.on('error', () => undefined);
      from.on('close', () => {
        to.destroy();
        this.#pairs.delete(pair);
      });
    }
  }
}
