import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../ports/clock.js';
import type { ScheduleView } from '../ports/read-models.js';
import { RECURRENCE, type Recurrence } from '../ports/recurrence.js';
import type { ChangedSchedule } from './schedule-act.js';
import type { DecidedSchedule } from './schedule-decisions.js';
import { nextOccurrence, settledUpTo } from './occurrences.js';

export interface ScheduleWithNext extends ScheduleView {
  /** When it is due next, ISO 8601 UTC; null where it is not active, or over. */
  readonly nextAt: string | null;
}

type Timed = Pick<ScheduleView, 'state' | 'cron' | 'timeZone' | 'endsAt' | 'activeSince' | 'lastScheduledFor' | 'skippedUpTo'>;

/** Says when schedules are due next: reckoned when asked, for the rules of time zones change. */
@Injectable()
export class NextOccurrences {
  constructor(
    @Inject(RECURRENCE) private readonly recurrence: Recurrence,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  of<T extends Timed>(schedule: T): T & { readonly nextAt: string | null } {
    return { ...schedule, nextAt: this.nextAt(schedule) };
  }

  /** What is answered to a command. The last run is not known to the schedule itself, and is past. */
  afterwards({ schedule, position }: DecidedSchedule): ChangedSchedule {
    const { scheduleId, status: state, definition, activeSince, skippedUpTo } = schedule;
    const { cron, timeZone, endsAt = null } = definition;
    const nextAt = this.nextAt({ state, cron, timeZone, endsAt, activeSince, skippedUpTo, lastScheduledFor: null });
    return { scheduleId, state, nextAt, position };
  }

  private nextAt(schedule: Timed): string | null {
    if (schedule.state !== 'active') return null;
    const settled = settledUpTo(schedule.activeSince, schedule.lastScheduledFor, schedule.skippedUpTo);
    const next = nextOccurrence(this.recurrence, schedule, Math.max(settled, this.clock.now()));
    return next === undefined ? null : new Date(next).toISOString();
  }
}
