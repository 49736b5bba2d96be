import type { EventLog } from '../../../../src/application/ports/event-log.js';
import type { Page, ReadModelProgress, SchedulesReader, ScheduleView } from '../../../../src/application/ports/read-models.js';
import { scheduleEventOf, scheduleStream } from '../../../../src/application/schedules/schedule-codec.js';
import { workflowEventOf, workflowStream } from '../../../../src/application/workflow/workflow-codec.js';
import { evolve, type ScheduleState } from '../../../../src/domain/schedule/schedule.state.js';
import type { OfOccurrence } from '../../../../src/domain/workflow/events/workflow-events.js';

/** The read model as the fold of a log has it at the moment of asking, or as a test froze it. */
export class FoldedSchedules implements SchedulesReader, ReadModelProgress {
  /** The one schedule that it shows. */
  only = 0;
  isBehind = false;
  private frozen: readonly ScheduleView[] | undefined;

  constructor(private readonly log: EventLog) {}

  freeze(rows: readonly ScheduleView[] | undefined): void {
    this.frozen = rows;
  }

  /** In the order of the log. */
  async submissions(scheduleId: number): Promise<(OfOccurrence & { readonly workflowId: number; readonly position: bigint })[]> {
    const found: (OfOccurrence & { readonly workflowId: number; readonly position: bigint })[] = [];
    const last = await this.log.readLast('sequence-workflow');
    const count = (last?.data['to'] as number | undefined) ?? 0;
    for (let workflowId = 1; workflowId <= count; workflowId++) {
      for await (const recorded of this.log.readStream(workflowStream(workflowId), { limit: 1 })) {
        const event = workflowEventOf(recorded);
        if (event?.type === 'WorkflowSubmitted' && event.data.schedule?.scheduleId === scheduleId)
          found.push({ ...event.data.schedule, workflowId, position: recorded.position });
      }
    }
    return found.sort((one, other) => Number(one.position - other.position));
  }

  async find(scheduleId: number): Promise<ScheduleView | undefined> {
    let state: ScheduleState;
    for await (const recorded of this.log.readStream(scheduleStream(scheduleId))) {
      const event = scheduleEventOf(recorded);
      if (event) state = evolve(state, event);
    }
    if (!state) return undefined;
    const { definition, status, createdAt, activeSince, skippedUpTo, skipped } = state;
    const { userId, intent, cron, timeZone, overlap, catchUp, endsAt = null } = definition;
    const runs = await this.submissions(scheduleId);
    const occurrences = runs
      .flatMap(({ scheduledFor, workflowId }) => (scheduledFor === undefined ? [] : [{ scheduledFor, workflowId }]))
      .sort((one, other) => one.scheduledFor.localeCompare(other.scheduledFor));
    return {
      ...{
        scheduleId,
        userId,
        intent,
        cron,
        timeZone,
        overlap,
        catchUp,
        endsAt,
        state: status,
        createdAt,
        activeSince,
        skippedUpTo,
        skipped,
      },
      lastScheduledFor: occurrences.at(-1)?.scheduledFor ?? null,
      lastOccurrenceId: occurrences.at(-1)?.workflowId ?? null,
      lastWorkflowId: runs.at(-1)?.workflowId ?? null,
    };
  }

  async active(): Promise<readonly ScheduleView[]> {
    if (this.frozen) return this.frozen;
    const found = await this.find(this.only);
    return found?.state === 'active' ? [found] : [];
  }

  countActive(): Promise<number> {
    return Promise.resolve(0);
  }

  list(): Promise<Page<ScheduleView>> {
    return Promise.reject(new Error('not asked'));
  }

  waitFor(): Promise<boolean> {
    return Promise.resolve(!this.isBehind);
  }

  position(): Promise<bigint> {
    return Promise.resolve(0n);
  }

  onCommit(): () => void {
    return () => undefined;
  }
}
