/** The only source of time for decisions. */
export interface Clock {
  /** Milliseconds since the Unix epoch, as a clock on the wall shows them: it may be set ahead or back. For what is recorded, and due times. */
  now(): number;
  /** Milliseconds of a clock that only goes forward. For how long something lasts. */
  elapsed(): number;
}

export const CLOCK = Symbol('Clock');
