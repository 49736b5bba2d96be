import { SCHEDULE_EVENT_TYPES, type ScheduleEvent } from '../../domain/schedule/schedule.events.js';
import { firstShapesOf, readerOf } from '../newer-event.js';

export const SCHEDULE_STREAM_PREFIX = 'schedule-';

export const scheduleStream = (scheduleId: number): string => `${SCHEDULE_STREAM_PREFIX}${scheduleId}`;

const STREAM = /^schedule-[1-9][0-9]{0,15}$/;

export const SCHEDULE_SHAPES = firstShapesOf(SCHEDULE_EVENT_TYPES);

/** A stored event as a fact about a schedule; undefined for what is none: another stream, or not the engine's own. @throws NewerEvent */
export const scheduleEventOf = readerOf<ScheduleEvent>((streamId) => STREAM.test(streamId), SCHEDULE_SHAPES);
