import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { ScheduleDefinition } from '../../domain/schedule/schedule.events.js';
import { DomainError } from '../../domain/workflow/workflow.errors.js';
import { SCHEDULES_READER, type SchedulesReader } from '../ports/read-models.js';
import { NextOccurrences, type ScheduleWithNext } from '../schedules/next-occurrences.js';
import { ScheduleDecisions } from '../schedules/schedule-decisions.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** A schedule with all that it submits. */
export interface ScheduleDetail extends ScheduleWithNext {
  readonly definition: ScheduleDefinition;
}

/** One schedule. @throws DomainError schedule.not-found; ApplicationError read-model.behind */
export class GetSchedule extends Query<ScheduleDetail> {
  constructor(readonly question: Freshness & { readonly scheduleId: number }) {
    super();
  }
}

@QueryHandler(GetSchedule)
export class GetScheduleHandler implements IQueryHandler<GetSchedule> {
  constructor(
    private readonly fresh: FreshReadModels,
    private readonly decisions: ScheduleDecisions,
    @Inject(SCHEDULES_READER) private readonly schedules: SchedulesReader,
    private readonly next: NextOccurrences,
  ) {}

  async execute({ question }: GetSchedule): Promise<ScheduleDetail> {
    const { scheduleId } = question;
    const found = await this.fresh.sought(question, {
      name: `schedule ${scheduleId}`,
      read: () => this.schedules.find(scheduleId),
      recordedAt: async () => {
        const { state, position } = await this.decisions.read(scheduleId);
        return state && position;
      },
      missing: () => new DomainError('schedule.not-found', `There is no schedule ${scheduleId}.`),
    });
    // What it submits never changes, so it fits whatever the read model shows of it.
    const { definition } = (await this.decisions.read(scheduleId)).state!;
    return { ...this.next.of(found), definition };
  }
}
