import { parseAccessControlList, type AccessControlList } from './access-control-list.js';

/** What stream metadata may declare and the log acts on; everything else in it is kept and ignored. */
export interface StreamMetadata {
  /** Only the last so many events are shown. */
  readonly maxCount?: number;
  /** Seconds after which an event is no longer shown. */
  readonly maxAge?: number;
  /** Revisions below are no longer shown; `SOFT_DELETED` marks a deleted stream. */
  readonly truncateBefore?: number;
  /** Who may do what with the stream. */
  readonly acl?: AccessControlList;
  /** The whole text, kept of a deleted stream only: undeleting it keeps the other keys. */
  readonly raw?: string;
}

/** 2^63 − 1, which JSON.parse rounds up to 2^63. */
const LARGEST_LONG = 2 ** 63;
export const SOFT_DELETED = LARGEST_LONG;
/** Written by a soft delete, as text: the number has no exact JavaScript value. */
export const SOFT_DELETED_JSON = '{"$tb":9223372036854775807}';

export const METADATA_EVENT_TYPE = '$metadata';
export const METASTREAM_PREFIX = '$$';
export const isMetastream = (stream: string): boolean => stream.startsWith(METASTREAM_PREFIX);
export const metastreamOf = (stream: string): string => METASTREAM_PREFIX + stream;
export const originalOf = (metastream: string): string => metastream.slice(METASTREAM_PREFIX.length);

/** A metadata stream shows its last event only, whatever is said about it. */
export const METASTREAM_METADATA: StreamMetadata = { maxCount: 1 };

const asInteger = (value: unknown, least: number): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= least ? value : undefined;

/** Reads the data of a metadata event. What makes no sense counts as not said, as in the server it follows. */
export function parseStreamMetadata(data: Uint8Array): StreamMetadata {
  const json = parseObject(data);
  if (!json) return {};
  const maxCount = asInteger(json['$maxCount'], 1);
  const maxAge = asInteger(json['$maxAge'], 1);
  const truncateBefore = asInteger(json['$tb'], 0);
  const acl = parseAccessControlList(json['$acl']);
  return {
    ...(maxCount !== undefined && { maxCount }),
    ...(maxAge !== undefined && { maxAge }),
    ...(truncateBefore !== undefined && { truncateBefore }),
    ...(acl !== undefined && { acl }),
    ...(truncateBefore === SOFT_DELETED && { raw: Buffer.from(data).toString('utf8') }),
  };
}

/** The metadata of an undeleted stream: every other key is kept, older revisions stay hidden. Undefined if `raw` is no object. */
export function undeletedMetadataJson(raw: string | undefined, truncateBefore: number): string | undefined {
  const json = parseObject(Buffer.from(raw ?? '{}'));
  return json && JSON.stringify({ ...json, $tb: truncateBefore });
}

function parseObject(data: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
