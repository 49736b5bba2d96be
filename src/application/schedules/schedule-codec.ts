import { isScheduleEventType, type ScheduleEvent } from '../../domain/schedule/schedule.events.js';
import type { RecordedEvent } from '../ports/event-log.js';

export const SCHEDULE_STREAM_PREFIX = 'schedule-';

export const scheduleStream = (scheduleId: number): string => `${SCHEDULE_STREAM_PREFIX}${scheduleId}`;

const STREAM = /^schedule-[1-9][0-9]{0,15}$/;

/** A stored event as a fact about a schedule; undefined for what is none. */
export function scheduleEventOf({ streamId, type, data }: RecordedEvent): ScheduleEvent | undefined {
  if (!isScheduleEventType(type) || !STREAM.test(streamId)) return undefined;
  return { type, data } as unknown as ScheduleEvent;
}
