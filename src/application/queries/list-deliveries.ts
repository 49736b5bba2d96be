import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { DELIVERIES_READER, type DeliveriesReader } from '../ports/read-models.js';
import type { DeliveryFilter, DeliveryView, Page, PageRequest } from '../ports/read-models.js';
import { refusingCursors } from './cursors.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** Messages to channels, newest first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListDeliveries extends Query<Page<DeliveryView>> {
  constructor(readonly question: Freshness & { readonly filter: DeliveryFilter; readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListDeliveries)
export class ListDeliveriesHandler implements IQueryHandler<ListDeliveries> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(DELIVERIES_READER) private readonly deliveries: DeliveriesReader,
  ) {}

  async execute({ question }: ListDeliveries): Promise<Page<DeliveryView>> {
    await this.fresh.waitForPosition(question);
    return refusingCursors(() => this.deliveries.list(question.filter, question.page));
  }
}
