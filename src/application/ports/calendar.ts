export const BUCKETS = ['hour', 'day', 'week'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** What clocks and calendars of a time zone show. */
export interface Calendar {
  /** When the hour, day or week (from Monday on) after the one that holds the instant begins there, in milliseconds since the Unix epoch. */
  nextStart(bucket: Bucket, timeZone: string, instant: number): number;
}

export const CALENDAR = Symbol('Calendar');
