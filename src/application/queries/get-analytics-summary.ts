import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ANALYTICS_READER, type AnalyticsReader, type SummaryFigures } from '../ports/analytics.js';
import { AnalyticsPeriods, type AnswerOfPeriod, type AskedPeriod } from './analytics-period.js';
import { FreshReadModels } from './freshness.js';

/** Runs that ended in a period, by outcome, and why runs and attempts failed. @throws ApplicationError analytics.invalid-period, read-model.behind */
export class GetAnalyticsSummary extends Query<AnswerOfPeriod<SummaryFigures>> {
  constructor(readonly question: AskedPeriod) {
    super();
  }
}

@QueryHandler(GetAnalyticsSummary)
export class GetAnalyticsSummaryHandler implements IQueryHandler<GetAnalyticsSummary> {
  constructor(
    private readonly fresh: FreshReadModels,
    private readonly periods: AnalyticsPeriods,
    @Inject(ANALYTICS_READER) private readonly analytics: AnalyticsReader,
  ) {}

  async execute({ question }: GetAnalyticsSummary): Promise<AnswerOfPeriod<SummaryFigures>> {
    await this.fresh.waitForPosition(question);
    return this.periods.answer(question, (asked) => this.analytics.summary(asked));
  }
}
