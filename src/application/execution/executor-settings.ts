import type { LimitsOfUsers } from './start-limits.js';

export interface ExecutorSettings {
  /** Name of this process, unique among all that ever ran. */
  readonly worker: string;
  /** Steps that run at once. */
  readonly concurrency: number;
  /** How long running steps may take to finish at shutdown before they are aborted, in milliseconds. */
  readonly graceMs: number;
  /** What one person may have at once, and how often. */
  readonly users: LimitsOfUsers;
}

export const EXECUTOR_SETTINGS = Symbol('ExecutorSettings');
