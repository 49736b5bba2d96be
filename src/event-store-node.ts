import path from 'node:path';
import type { Configuration } from './infrastructure/config/environment.js';
import { startEmbeddedNodeInWorker } from './infrastructure/event-store/embedded/embedded-node.js';

/** Where the embedded event store keeps its log. */
export const eventStoreFolder = ({ dataDir }: Configuration): string => path.join(dataDir, 'event-store');

/** Runs the embedded event store alone until SIGINT or SIGTERM. */
export async function runEventStore(
  configuration: Configuration,
  options: { readonly host: string; readonly port: number; readonly data?: string },
  say: (line: string) => void,
): Promise<number> {
  const node = await startEmbeddedNodeInWorker({
    dataDir: options.data ?? eventStoreFolder(configuration),
    host: options.host,
    port: options.port,
  });
  say(`listening on ${node.connectionString}`);
  const signalled = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(undefined));
  });
  const failure = await Promise.race([signalled, node.failed]);
  await node.stop();
  if (failure) throw failure;
  return 0;
}
