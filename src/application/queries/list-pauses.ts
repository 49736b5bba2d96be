import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Pauses, type Pause } from '../pauses/pauses.js';

/** The pauses that are set now. */
export class ListPauses extends Query<readonly Pause[]> {}

@QueryHandler(ListPauses)
export class ListPausesHandler implements IQueryHandler<ListPauses> {
  constructor(private readonly pauses: Pauses) {}

  execute(): Promise<readonly Pause[]> {
    return Promise.resolve(this.pauses.list());
  }
}
