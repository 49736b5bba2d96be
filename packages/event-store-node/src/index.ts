export { ADMINS, OPERATORS, type User } from './access/users.js';
export {
  runningNodeUrl,
  startEmbeddedNode,
  startEmbeddedNodeInWorker,
  type EmbeddedNode,
  type EmbeddedNodeOptions,
  type LocalNode,
} from './embedded-node.js';
export { prefixFilter } from './log/event-filter.js';
export type { EventRecord, ProposedEvent } from './log/event-record.js';
export { followAll, type SubscriptionStart } from './log/follow.js';
export { CorruptLogError } from './log/log.errors.js';
export { FILE as LOG_FILE, tolerateFailedCommits } from './log/log-store.js';
export type { StreamLog } from './log/stream-log.js';
export { uuidBytes, uuidText } from './log/uuid.js';
export type { LogSummary } from './log/verify-log.js';
export { backUpLog, restoreLog, verifyLog } from './maintenance.js';
export type { Connection, Consumer } from './persistent-subscriptions/connection.js';
export type { ConsumerGroup } from './persistent-subscriptions/consumer-group.js';
export { GroupExistsError, type ConsumerGroups } from './persistent-subscriptions/consumer-groups.js';
export { ALL_STREAM, type GroupDefinition } from './persistent-subscriptions/group-definition.js';
export { MAX_APPEND_SIZE } from './protocol/proposed-events.js';
