import { hostInThread } from '@lifeos/hosted-thread';
import { startEmbeddedNode, type EmbeddedNodeOptions } from './embedded-node.js';
import { isFailedCommit } from './log/log-store.js';

// The log tells of a failed commit by itself, and ends in good order.
process.on('unhandledRejection', (error) => {
  if (!isFailedCommit(error)) throw error;
});

await hostInThread(async (options: EmbeddedNodeOptions) => {
  const node = await startEmbeddedNode(options);
  const { connectionString, port, failed } = node;
  return { started: { connectionString, port }, failed, stop: () => node.stop() };
});
