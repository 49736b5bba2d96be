export { ADMINS, OPERATORS, type User } from './access/users.js';
export {
  runningNodeUrl,
  startEmbeddedNode,
  startEmbeddedNodeInWorker,
  type EmbeddedNode,
  type EmbeddedNodeOptions,
} from './embedded-node.js';
export type { EventRecord } from './log/event-record.js';
export { CorruptLogError } from './log/log.errors.js';
export { FILE as LOG_FILE } from './log/log-store.js';
export type { LogSummary } from './log/verify-log.js';
export { backUpLog, restoreLog, verifyLog } from './maintenance.js';
