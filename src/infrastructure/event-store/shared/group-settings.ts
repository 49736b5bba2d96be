import type { ConsumerGroup } from '../../../application/ports/event-feed.js';

/**
 * Settings of every consumer group, whichever way it is reached: they are kept by the store, and each change drops all consumers. They do not depend on a
 * consumer's `bufferSize`: nodes with different buffers share a group. A checkpoint is due about a second after the first acknowledgement, at the latest
 * after 500: a group that moves over to another server sees about as many again. Times in milliseconds.
 */
export const GROUP_SETTINGS = {
  checkpointAfterMs: 1_000,
  minCheckpointCount: 1,
  maxCheckpointCount: 500,
  liveBufferSize: 1_024,
  readBatchSize: 128,
  /** Must be larger than a batch. */
  historyBufferSize: 1_024,
} as const;

/** The store's name for how a group chooses among its consumers. */
export const strategyOf = ({ strategy }: Pick<ConsumerGroup, 'strategy'>): 'RoundRobin' | 'Pinned' =>
  strategy === 'by-stream' ? 'Pinned' : 'RoundRobin';

/** Nearly 25 days, the longest a group can be told. To a server 0 is no "never": it delivers again at its next tick, a second later at most. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A group's message time-out as the store is told it; 0 = never. */
export const timeoutOf = (messageTimeoutMs: number): number => (messageTimeoutMs === 0 ? LONGEST_TIMEOUT_MS : messageTimeoutMs);

/** Matches exactly the given types. */
export const typePattern = (types: readonly string[]): string =>
  `^(${types.map((type) => type.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})$`;

/** Where a group begins that takes the place of others: where the least far of them had got to; undefined, that is with the log, where that is not known of one of them. */
export const leastFar = <P extends number | bigint>(places: readonly (P | undefined)[]): P | undefined =>
  places.every((place) => place !== undefined) ? places.reduce((least, place) => (place < least ? place : least)) : undefined;
