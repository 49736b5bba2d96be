import { parentPort, workerData } from 'node:worker_threads';
import { startEmbeddedNode, type EmbeddedNodeOptions } from './embedded-node.js';
import { isFailedCommit } from './log/log-store.js';
import { failure, type NodeMessage } from './worker-messages.js';

// The log tells of a failed commit by itself, and ends in good order.
process.on('unhandledRejection', (error) => {
  if (!isFailedCommit(error)) throw error;
});

const say = (message: NodeMessage): void => parentPort?.postMessage(message);

try {
  const node = await startEmbeddedNode(workerData as EmbeddedNodeOptions);
  say({ kind: 'started', connectionString: node.connectionString, port: node.port });
  void node.failed.then((error) => say(failure(error)));
  parentPort?.once('message', () => {
    void node.stop().finally(() => process.exit(0));
  });
} catch (error) {
  say(failure(error));
}
