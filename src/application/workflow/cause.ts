import type { Actor } from '../ports/event-log.js';

/** Who asks for a decision, and what led to it. */
export interface Cause {
  readonly actor: Actor;
  /** Id of the event that led to the command. */
  readonly eventId?: string;
}

export const bySystem = (part: string, eventId?: string): Cause => ({
  actor: { kind: 'system', id: part, authenticated: true },
  ...(eventId === undefined ? {} : { eventId }),
});
