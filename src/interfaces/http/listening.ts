import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';

/** How long open connections may take to end by themselves at shutdown, in milliseconds. */
const HTTP_CLOSE_MS = 2_000;

const httpServer = (app: INestApplication): Server => app.getHttpServer() as Server;

/** Closes the server: open requests get a moment, streams have been ended before. */
export async function closeHttp(app: INestApplication): Promise<void> {
  const server = httpServer(app);
  const timer = setTimeout(() => server.closeAllConnections(), HTTP_CLOSE_MS);
  server.closeIdleConnections();
  await app.close();
  clearTimeout(timer);
}

/** Listens and answers with the server's address. @throws Error in one line, where it cannot */
export async function listen(app: INestApplication, { host, port }: { readonly host: string; readonly port: number }): Promise<string> {
  const server = httpServer(app);
  try {
    // Not through Nest, which logs a failure of its own beside the one line below.
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') throw new Error(`The port ${port} on ${host} is in use: choose another one with PORT.`, { cause: error });
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Error(`Cannot listen on ${host}:${port} (${code}): check HOST and PORT.`, { cause: error });
    throw error;
  }
  const bound = server.address() as AddressInfo;
  const name = bound.address.includes(':') ? `[${bound.address}]` : bound.address;
  return `http://${name === '0.0.0.0' || name === '[::]' ? '127.0.0.1' : name}:${bound.port}`;
}
