import { METASTREAM_METADATA, SOFT_DELETED, isMetastream, type StreamMetadata } from './stream-metadata.js';

/** Where a stream stands: all that is needed to decide an append without reading the stream. Never changed in place. */
export interface StreamHead {
  readonly name: string;
  /** Stands for the name in the index. 0 while the stream has no number yet. */
  readonly number: number;
  /** Revision of the last event, −1 where there is none. */
  readonly last: number;
  readonly lastPosition: number;
  readonly isTombstoned: boolean;
  /** From the last event of `$$name`; undefined where nothing was ever written there. */
  readonly metadata: StreamMetadata | undefined;
}

export const emptyHead = (name: string): StreamHead => ({
  name,
  number: 0,
  last: -1,
  lastPosition: -1,
  isTombstoned: false,
  metadata: undefined,
});

export const effectiveMetadata = (head: StreamHead): StreamMetadata =>
  isMetastream(head.name) ? METASTREAM_METADATA : (head.metadata ?? {});

export const isSoftDeleted = (head: StreamHead): boolean => effectiveMetadata(head).truncateBefore === SOFT_DELETED;

/** The lowest revision that is still shown. */
export function firstShown(head: StreamHead): number {
  const { truncateBefore = 0, maxCount } = effectiveMetadata(head);
  return Math.max(0, truncateBefore, maxCount === undefined ? 0 : head.last - maxCount + 1);
}
