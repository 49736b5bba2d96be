import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { refusingCursors } from './cursors.js';
import { DEAD_LETTERS_READER, type DeadLettersReader } from '../ports/read-models.js';
import type { DeadLetterFilter, DeadLetterView, Page, PageRequest } from '../ports/read-models.js';
import { FreshReadModels, type Freshness } from './freshness.js';

/** Steps that wait for a person after their last attempt, newest first. @throws ApplicationError cursor.invalid, read-model.behind */
export class ListDeadLetters extends Query<Page<DeadLetterView>> {
  constructor(readonly question: Freshness & { readonly filter: DeadLetterFilter; readonly page: PageRequest }) {
    super();
  }
}

@QueryHandler(ListDeadLetters)
export class ListDeadLettersHandler implements IQueryHandler<ListDeadLetters> {
  constructor(
    private readonly fresh: FreshReadModels,
    @Inject(DEAD_LETTERS_READER) private readonly deadLetters: DeadLettersReader,
  ) {}

  async execute({ question }: ListDeadLetters): Promise<Page<DeadLetterView>> {
    await this.fresh.waitForPosition(question);
    return refusingCursors(() => this.deadLetters.list(question.filter, question.page));
  }
}
