import { ALERT_EVENT_TYPES, type AlertEvent } from '../../domain/alert/alert.js';
import { firstShapesOf, readerOf } from '../newer-event.js';

/** Where alerts are recorded: never rename. */
export const ALERTS_STREAM = 'alerts';

export const ALERT_SHAPES = firstShapesOf(ALERT_EVENT_TYPES);

/** A stored event as a fact about alerts; undefined for what is none. @throws NewerEvent */
export const alertEventOf = readerOf<AlertEvent>((streamId) => streamId === ALERTS_STREAM, ALERT_SHAPES);
