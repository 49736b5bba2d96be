import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { SCHEDULES_READER, type SchedulesReader } from '../ports/read-models.js';
import type { Page, PageRequest, ScheduleFilter, ScheduleView } from '../ports/read-models.js';
import { refusingCursors } from './cursors.js';
import { FreshReadModels, type Freshness } from './freshness.js';
import { NextOccurrences, type ScheduleWithNext } from '../schedules/next-occurrences.js';

/** Schedules, newest first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListSchedules extends Query<Page<ScheduleWithNext>> {
  constructor(readonly question: Freshness & { readonly filter: ScheduleFilter; readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListSchedules)
export class ListSchedulesHandler implements IQueryHandler<ListSchedules> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(SCHEDULES_READER) private readonly schedules: SchedulesReader,
    private readonly next: NextOccurrences,
  ) {}

  async execute({ question }: ListSchedules): Promise<Page<ScheduleWithNext>> {
    await this.fresh.waitForPosition(question);
    const { items, nextCursor } = await refusingCursors<Page<ScheduleView>>(() => this.schedules.list(question.filter, question.page));
    return { items: items.map((schedule) => this.next.of(schedule)), nextCursor };
  }
}
