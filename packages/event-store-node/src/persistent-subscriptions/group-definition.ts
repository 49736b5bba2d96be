/** How a group hands out its events. Times in milliseconds. */
export interface GroupSettings {
  readonly resolveLinks: boolean;
  readonly extraStatistics: boolean;
  /** 0 or less: never. */
  readonly messageTimeoutMs: number;
  readonly maxRetryCount: number;
  readonly checkpointAfterMs: number;
  readonly minCheckpointCount: number;
  readonly maxCheckpointCount: number;
  /** 0: any number. */
  readonly maxSubscriberCount: number;
  readonly liveBufferSize: number;
  readonly readBatchSize: number;
  /** Events held in memory at most, read ahead of the consumers. */
  readonly historyBufferSize: number;
  readonly strategy: string;
}

/** Which events of `$all` a group gets, in a form that can be kept. A regular expression wins over prefixes. */
export interface GroupFilter {
  readonly on: 'stream' | 'type';
  readonly regex: string;
  readonly prefixes: readonly string[];
}

/** Revision (of a stream) or position (in `$all`) of the first event; `end`: only what is appended from now on. */
export type GroupStart = number | 'end';

/** A consumer group as it is kept. Its source is a stream, or `$all`. */
export interface GroupDefinition {
  readonly source: string;
  readonly group: string;
  readonly start: GroupStart;
  readonly filter: GroupFilter | undefined;
  readonly settings: GroupSettings;
}

export const ALL_STREAM = '$all';

export const STRATEGIES = ['RoundRobin', 'DispatchToSingle', 'Pinned', 'PinnedByCorrelation'] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** Why a group cannot be made or changed; the wording is that of the server this one follows. */
export class GroupRefusedError extends Error {
  override readonly name = 'GroupRefusedError';
}

/** @throws GroupRefusedError */
export function assertPossible({ source, start, settings }: GroupDefinition, endOfLog: number): void {
  const { strategy, readBatchSize, historyBufferSize } = settings;
  if (!STRATEGIES.some((name) => name === strategy)) throw new GroupRefusedError(`Consumer strategy ${strategy} does not exist.`);
  if (readBatchSize >= historyBufferSize) {
    throw new GroupRefusedError(
      "Specified argument was out of the range of valid values. (Parameter 'ReadBatchSize may not be greater than or equal to BufferSize')",
    );
  }
  if (source === ALL_STREAM && start !== 'end' && start > endOfLog) {
    throw new GroupRefusedError(
      'Invalid Start From position: commit position must be less than or equal to the last commit position in the transaction file.',
    );
  }
}
