import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Somebody's HTTP server that is told things. */
export class Receiver {
  readonly received: Received[] = [];
  /** How it answers. */
  answer: (response: ServerResponse, received: Received) => void = (response) => response.writeHead(204).end();
  private readonly server: Server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const received = { method: request.method!, url: request.url!, headers: request.headers, body };
      this.received.push(received);
      this.answer(response, received);
    });
  });

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hooks/s3cret-path?token=s3cret-token`;
  }

  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Receivers of a test, stopped after it. */
export function receivers(): () => Promise<Receiver> {
  const started: Receiver[] = [];
  afterEach(() => Promise.all(started.splice(0).map((receiver) => receiver.stop())));
  return async () => {
    const receiver = await Receiver.start();
    started.push(receiver);
    return receiver;
  };
}
