import type { ScheduleDefinition, ScheduleEvent } from './schedule.events.js';

export const SCHEDULE_STATES = ['active', 'paused', 'deleted'] as const;
export type ScheduleStatus = (typeof SCHEDULE_STATES)[number];

/** A schedule: a fold of its events. */
export interface Schedule {
  readonly scheduleId: number;
  readonly status: ScheduleStatus;
  readonly definition: ScheduleDefinition;
  readonly createdAt: string;
  /** Since when it is active, or was last: occurrences from before never come. ISO 8601, UTC. */
  readonly activeSince: string;
  /** The last occurrence that was skipped; null where none was. */
  readonly skippedUpTo: string | null;
  readonly skipped: number;
}

/** Undefined: it was never created. */
export type ScheduleState = Schedule | undefined;

export function evolve(state: ScheduleState, { type, data }: ScheduleEvent): ScheduleState {
  if (type === 'ScheduleCreated') {
    const { scheduleId, at, definition } = data;
    return { scheduleId, status: 'active', definition, createdAt: at, activeSince: at, skippedUpTo: null, skipped: 0 };
  }
  if (!state) return state;
  switch (type) {
    case 'SchedulePaused':
      return { ...state, status: 'paused' };
    case 'ScheduleResumed':
      return { ...state, status: 'active', activeSince: data.at };
    case 'ScheduleDeleted':
      return { ...state, status: 'deleted' };
    case 'OccurrenceSkipped':
      return { ...state, skippedUpTo: data.scheduledFor, skipped: state.skipped + (data.count ?? 1) };
    default:
      return type satisfies never;
  }
}
