/** Why a request is refused by something other than the domain's rules. Codes are part of the API: never rename one. */
export type ApplicationErrorCode =
  /** The key was used before, with another request. */
  | 'idempotency-key.reused'
  /** The read models did not reach the asked position in time: try again. */
  | 'read-model.behind'
  /** The run has no such revision. */
  | 'revision.not-found'
  | 'cursor.invalid'
  /** Figures of a period that has no length, or too many parts. */
  | 'analytics.invalid-period'
  /** The event store does not answer: nothing is known of the command's outcome; repeat it. */
  | 'event-store.unavailable'
  | 'database.unavailable'
  | 'pause.not-found'
  /** There is no tool of this name to be paused. */
  | 'pause.unknown-tool'
  /** A handler could not deal with a parked event this time either. */
  | 'parked-event.failed'
  /** The address is one that notifications must not be sent to, or none. */
  | 'channel.address-refused'
  /** No mail server is configured. */
  | 'channel.no-mail-server'
  /** A newer version of the engine has written to what is asked about: this one does not understand it. */
  | 'engine.outdated'
  /** The engine is shutting down. */
  | 'engine.stopping';

export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
  constructor(
    readonly code: ApplicationErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** A planner's own word for why it makes no plan. Planners name them, so that there is no list. */
export type PlannerCode = `planner.${string}`;

const isPlannerCode = (code: string): code is PlannerCode => code.startsWith('planner.');

/** The planner makes no plan of an intent, and says why. */
export class PlanningRefused extends Error {
  override readonly name = 'PlanningRefused';
  readonly code: PlannerCode;
  constructor(code: string, reason: string) {
    super(reason);
    this.code = isPlannerCode(code) ? code : `planner.${code}`;
  }
}
