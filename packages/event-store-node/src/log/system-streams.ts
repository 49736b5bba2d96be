import { METASTREAM_PREFIX } from './stream-metadata.js';

const GROUP_PREFIX = '$persistentsubscription-';
const ALL_GROUP_PREFIX = `${GROUP_PREFIX}$all::`;

/** Bookkeeping of groups that read `$all`: were it shown there, each checkpoint would cause the next one. */
export const isHiddenFromAll = (stream: string): boolean =>
  stream.startsWith(ALL_GROUP_PREFIX) || stream.startsWith(METASTREAM_PREFIX + ALL_GROUP_PREFIX);

/** Tells of consumer groups, an event for each change. */
export const GROUPS_STREAM = '$persistentSubscriptionConfig';
export const parkedStreamOf = (source: string, group: string): string => `${GROUP_PREFIX}${source}::${group}-parked`;
export const checkpointStreamOf = (source: string, group: string): string => `${GROUP_PREFIX}${source}::${group}-checkpoint`;
