import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { PARKED_EVENTS_READER, type Page, type PageRequest, type ParkedEventsReader, type ParkedEventView } from '../ports/read-models.js';
import { refusingCursors } from './cursors.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** Events that a handler could not deal with, newest run first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListParkedEvents extends Query<Page<ParkedEventView>> {
  constructor(readonly question: Freshness & { readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListParkedEvents)
export class ListParkedEventsHandler implements IQueryHandler<ListParkedEvents> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(PARKED_EVENTS_READER) private readonly parked: ParkedEventsReader,
  ) {}

  async execute({ question }: ListParkedEvents): Promise<Page<ParkedEventView>> {
    await this.fresh.waitForPosition(question);
    return refusingCursors(() => this.parked.list(question.page));
  }
}
