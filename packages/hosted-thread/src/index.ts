export { startInThread, type HostedThread } from './hosted-thread.js';
export { hostInThread, type Hosted } from './thread-side.js';
export type { ThrownError } from './messages.js';
