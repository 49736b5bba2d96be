import { parentPort, workerData } from 'node:worker_threads';
import { hostPglite, type PgliteMessage } from './pglite-host.js';

const say = (message: PgliteMessage): void => parentPort!.postMessage(message);

try {
  const host = await hostPglite(workerData as string);
  parentPort!.once('message', () => void host.stop().finally(() => process.exit(0)));
  say({ kind: 'started', port: host.port });
} catch (error) {
  say({ kind: 'refused', message: error instanceof Error ? error.message : String(error) });
}
