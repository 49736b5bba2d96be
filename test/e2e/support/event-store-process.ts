import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { LifeosProcess } from './engine-process.js';

/** A port of the loopback interface on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an event store of its own and waits until it listens. */
export async function startEventStore(port: number, folder: string, more: readonly string[] = []): Promise<LifeosProcess> {
  const store = LifeosProcess.start(['eventstore', '--port', String(port), '--data', folder, ...more], { LIFEOS_DATA_DIR: folder });
  await store.says(/^listening on /m);
  return store;
}
