/** The files are not a log, or not one that can be trusted. The node refuses to start rather than guess. */
export class CorruptLogError extends Error {
  override readonly name = 'CorruptLogError';
}

/** A write could not be made durable, so what the disk holds is unknown: nothing more is accepted. */
export class LogFailedError extends Error {
  override readonly name = 'LogFailedError';
}

export class LogClosedError extends Error {
  override readonly name = 'LogClosedError';
  constructor() {
    super('the log is closed');
  }
}

/** A position in `$all` at which no record begins. */
export class InvalidPositionError extends Error {
  override readonly name = 'InvalidPositionError';
  constructor(readonly position: number) {
    super(`no record begins at position ${position}`);
  }
}

/** The stream ended with a tombstone. */
export class StreamDeletedError extends Error {
  override readonly name = 'StreamDeletedError';
  constructor(readonly stream: string) {
    super(`Event stream '${stream}' is deleted.`);
  }
}
