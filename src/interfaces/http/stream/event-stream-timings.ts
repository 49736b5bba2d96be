/** Time limits of live streams, in milliseconds. */
export interface EventStreamTimings {
  /** Silence after which a comment shows that the connection lives. */
  readonly heartbeatMs: number;
  /** How long a client may leave what it was sent lying before it is disconnected. */
  readonly stallMs: number;
  /** What an EventSource is told to wait before it connects again. */
  readonly retryMs: number;
  /** Silence after which a run is asked what it waits for. */
  readonly quietMs: number;
}

export const EVENT_STREAM_TIMINGS = Symbol('EventStreamTimings');

export const STANDARD_TIMINGS: EventStreamTimings = { heartbeatMs: 15_000, stallMs: 60_000, retryMs: 2_000, quietMs: 50 };
