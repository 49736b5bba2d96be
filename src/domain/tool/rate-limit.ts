/** At most so many calls begin within any stretch of that length. */
export interface RateLimit {
  readonly calls: number;
  /** Milliseconds. */
  readonly perMs: number;
}
