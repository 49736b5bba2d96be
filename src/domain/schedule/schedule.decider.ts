import { byHand } from '../workflow/by-hand.js';
import { DomainError } from '../workflow/workflow.errors.js';
import type { ScheduleCommand } from './schedule.commands.js';
import type { ScheduleEvent } from './schedule.events.js';
import type { Schedule, ScheduleState } from './schedule.state.js';

/** @throws DomainError schedule.not-found, for one that was never created */
export function known(scheduleId: number, state: ScheduleState): Schedule {
  if (state) return state;
  throw new DomainError('schedule.not-found', `There is no schedule ${scheduleId}.`);
}

/** @throws DomainError schedule.not-found, schedule.deleted */
export function kept(scheduleId: number, state: ScheduleState): Schedule {
  const schedule = known(scheduleId, state);
  if (schedule.status !== 'deleted') return schedule;
  throw new DomainError('schedule.deleted', `Schedule ${scheduleId} was deleted.`);
}

/** @param now ISO 8601, UTC @throws DomainError schedule.* */
export function decide(scheduleId: number, command: ScheduleCommand, state: ScheduleState, now: string): readonly ScheduleEvent[] {
  const fact = { scheduleId, at: now };
  switch (command.type) {
    case 'CreateSchedule':
      return state ? [] : [{ type: 'ScheduleCreated', data: { ...fact, definition: command.data.definition } }];
    case 'PauseSchedule':
      if (kept(scheduleId, state).status === 'paused') return [];
      return [{ type: 'SchedulePaused', data: { ...fact, ...byHand(command.data) } }];
    case 'ResumeSchedule':
      if (kept(scheduleId, state).status === 'active') return [];
      return [{ type: 'ScheduleResumed', data: { ...fact, ...byHand(command.data) } }];
    case 'DeleteSchedule':
      if (known(scheduleId, state).status === 'deleted') return [];
      return [{ type: 'ScheduleDeleted', data: { ...fact, ...byHand(command.data) } }];
    case 'SkipOccurrence': {
      const { status, skippedUpTo, activeSince } = kept(scheduleId, state);
      const { scheduledFor } = command.data;
      // Paused meanwhile: what would have come is nobody's concern. Another node may have recorded it before.
      const isSettled = scheduledFor <= activeSince || (skippedUpTo !== null && scheduledFor <= skippedUpTo);
      return status === 'paused' || isSettled ? [] : [{ type: 'OccurrenceSkipped', data: { ...fact, ...command.data } }];
    }
    default:
      return command satisfies never;
  }
}
