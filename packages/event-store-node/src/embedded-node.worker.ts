import { hostInThread } from '@lifeos/hosted-thread';
import { startEmbeddedNode, type EmbeddedNodeOptions } from './embedded-node.js';
import { tolerateFailedCommits } from './log/log-store.js';

tolerateFailedCommits();

await hostInThread(async (options: EmbeddedNodeOptions) => {
  const node = await startEmbeddedNode(options);
  const { connectionString, port, failed } = node;
  return { started: { connectionString, port }, failed, stop: () => node.stop() };
});
