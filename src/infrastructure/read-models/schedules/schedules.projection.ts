import { In, type EntityManager } from 'typeorm';
import type { ScheduleEvent } from '../../../domain/schedule/schedule.events.js';
import type { WorkflowEvent } from '../../../domain/workflow/events/workflow-events.js';
import type { ProjectedScheduleEvent, Projection } from '../projection/projection.js';
import { ScheduleRow } from './schedule.row.js';

function created({ scheduleId, at, definition }: ScheduleEvent<'ScheduleCreated'>['data']): ScheduleRow {
  const { userId, intent, cron, timeZone, overlap, catchUp, endsAt = null } = definition;
  return {
    ...{
      scheduleId,
      revision: 0,
      userId,
      intent,
      cron,
      timeZone,
      overlap,
      catchUp,
      endsAt,
      state: 'active',
      createdAt: at,
      activeSince: at,
    },
    ...{ lastScheduledFor: null, lastWorkflowId: null, lastOccurrenceId: null, skippedUpTo: null, skipped: 0 },
  };
}

/** What an event says of a schedule that is there. */
function changeOf({ type, data }: ScheduleEvent, { skipped }: ScheduleRow): Partial<ScheduleRow> {
  switch (type) {
    case 'ScheduleCreated':
      return {};
    case 'SchedulePaused':
      return { state: 'paused' };
    case 'ScheduleResumed':
      return { state: 'active', activeSince: data.at };
    case 'ScheduleDeleted':
      return { state: 'deleted' };
    case 'OccurrenceSkipped':
      return { skippedUpTo: data.scheduledFor, skipped: skipped + (data.count ?? 1) };
    default:
      return type satisfies never;
  }
}

const later = (one: string | null, other: string | undefined): string | null =>
  other === undefined || (one !== null && one > other) ? one : other;

const isScheduled = (event: WorkflowEvent): event is WorkflowEvent<'WorkflowSubmitted'> =>
  event.type === 'WorkflowSubmitted' && event.data.schedule !== undefined;

/** Rows of the schedules that a batch is about: those that are stored, as they are. */
async function storedRows(ids: ReadonlySet<number>, manager: EntityManager): Promise<Map<number, ScheduleRow>> {
  if (ids.size === 0) return new Map();
  const rows = await manager.findBy(ScheduleRow, { scheduleId: In([...ids]) });
  return new Map(rows.map((row) => [row.scheduleId, row]));
}

/** Schedules with their last runs. A schedule's events and those of its runs may be taken one after the other: they change different columns. */
export const schedulesProjection: Projection<'schedules'> = {
  name: 'schedules',
  version: 1,
  rows: [ScheduleRow],
  async fold(batch, changes, manager, ofSchedules: readonly ProjectedScheduleEvent[]) {
    const submitted = batch.flatMap(({ event }) => (isScheduled(event) ? [event.data] : []));
    const ids = new Set([
      ...ofSchedules.map(({ scheduleEvent }) => scheduleEvent.data.scheduleId),
      ...submitted.map((data) => data.schedule!.scheduleId),
    ]);
    const rows = await storedRows(ids, manager);
    for (const { scheduleEvent, revision } of ofSchedules) {
      const { scheduleId } = scheduleEvent.data;
      const row = rows.get(scheduleId);
      if (!row && scheduleEvent.type === 'ScheduleCreated') rows.set(scheduleId, created(scheduleEvent.data));
      else if (row && revision > row.revision) rows.set(scheduleId, { ...row, revision, ...changeOf(scheduleEvent, row) });
    }
    for (const { workflowId, schedule } of submitted) {
      const row = rows.get(schedule!.scheduleId);
      if (!row) continue;
      const lastScheduledFor = later(row.lastScheduledFor, schedule!.scheduledFor);
      const lastOccurrenceId = lastScheduledFor === row.lastScheduledFor ? row.lastOccurrenceId : workflowId;
      rows.set(row.scheduleId, { ...row, lastScheduledFor, lastOccurrenceId, lastWorkflowId: workflowId });
    }
    changes.put(ScheduleRow, [...rows.values()]);
  },
};
