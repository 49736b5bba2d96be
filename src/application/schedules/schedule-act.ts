import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import type { ScheduleStatus } from '../../domain/schedule/schedule.state.js';
import type { Actor } from '../ports/event-log.js';

/** What a person does about a schedule, and why. */
export interface ScheduleAct extends ByHand {
  readonly scheduleId: number;
  readonly actor: Actor;
}

/** A schedule after what was asked of it. */
export interface ChangedSchedule {
  readonly scheduleId: number;
  readonly state: ScheduleStatus;
  /** When it is due next, ISO 8601 UTC; null where it is not active, or over. */
  readonly nextAt: string | null;
  readonly position: bigint;
}
