import { DELIVERY_STREAM_PREFIX } from '../../../application/notifications/delivery-codec.js';
import type { EntityManager, ObjectLiteral } from 'typeorm';
import type { ReadModelName } from '../../../application/ports/read-models.js';
import { SCHEDULE_STREAM_PREFIX } from '../../../application/schedules/schedule-codec.js';
import { WORKFLOW_STREAM_PREFIX } from '../../../application/workflow/workflow-codec.js';
import type { DeliveryEvent } from '../../../domain/notification/delivery.js';
import type { ScheduleEvent } from '../../../domain/schedule/schedule.events.js';
import type { WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import type { Changes } from './changes.js';

/** Streams whose events read models are made of. */
export const PROJECTED_STREAMS: readonly string[] = [WORKFLOW_STREAM_PREFIX, SCHEDULE_STREAM_PREFIX, DELIVERY_STREAM_PREFIX];

/** An event with its place in its stream and in the log. */
export interface ProjectedEvent {
  readonly event: WorkflowEvent;
  readonly revision: number;
  readonly position: bigint;
}

/** The same of a schedule. */
export interface ProjectedScheduleEvent {
  readonly scheduleEvent: ScheduleEvent;
  readonly revision: number;
  readonly position: bigint;
}

/** The same of a message to a channel. */
export interface ProjectedDeliveryEvent {
  readonly deliveryEvent: DeliveryEvent;
  readonly revision: number;
  readonly position: bigint;
}

/**
 * Turns events into the rows of one read model. A batch is folded in memory and comes to a few changes of whole sets of rows. Applying a batch in one go or event by
 * event gives the same rows.
 */
export interface Projection<N extends ReadModelName = ReadModelName> {
  /** Checkpoint key: never rename. */
  readonly name: N;
  /** To be raised when the same events come to other rows than before: then they are made anew from the log, beside those that are there. */
  readonly version: number;
  /** Its tables, which the database is told of from here; emptied before a rebuild. */
  readonly rows: readonly (new () => ObjectLiteral)[];
  /** Adds what the batch changes. Reads rows only where the batch does not tell enough. */
  fold(
    batch: readonly ProjectedEvent[],
    changes: Changes,
    manager: EntityManager,
    ofSchedules: readonly ProjectedScheduleEvent[],
    ofDeliveries: readonly ProjectedDeliveryEvent[],
  ): void | Promise<void>;
}
