import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import type { Actor } from '../ports/event-log.js';

/** What a person does about a schedule, and why. */
export interface ScheduleAct extends ByHand {
  readonly scheduleId: number;
  readonly actor: Actor;
}
