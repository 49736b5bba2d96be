import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Where a receiver listens; with a certificate and its key, over TLS. */
export interface ReceiverOptions {
  readonly host?: string;
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
}

/** Somebody's HTTP server that is told things. */
export class Receiver {
  readonly received: Received[] = [];
  /** How it answers. */
  answer: (response: ServerResponse, received: Received) => void = (response) => response.writeHead(204).end();
  private readonly server: Server;

  private constructor(private readonly options: ReceiverOptions) {
    const take = (request: IncomingMessage, response: ServerResponse): void => this.take(request, response);
    this.server = options.tls ? createSecureServer(options.tls, take) : createServer(take);
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const received = { method: request.method!, url: request.url!, headers: request.headers, body };
      this.received.push(received);
      this.answer(response, received);
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    const { host = '127.0.0.1', tls } = this.options;
    return `${tls ? 'https' : 'http'}://${host}:${this.port}/hooks/s3cret-path?token=s3cret-token`;
  }

  static async start(options: ReceiverOptions = {}): Promise<Receiver> {
    const receiver = new Receiver(options);
    await new Promise<void>((resolve) => receiver.server.listen(0, options.host ?? '127.0.0.1', resolve));
    return receiver;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Receivers of a test, stopped after it. */
export function receivers(): (options?: ReceiverOptions) => Promise<Receiver> {
  const started: Receiver[] = [];
  afterEach(() => Promise.all(started.splice(0).map((receiver) => receiver.stop())));
  return async (options) => {
    const receiver = await Receiver.start(options);
    started.push(receiver);
    return receiver;
  };
}
