import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ANALYTICS_READER, type AnalyticsReader, type ToolFigures } from '../ports/analytics.js';
import { AnalyticsPeriods, type AnswerOfPeriod, type AskedPeriod } from './analytics-period.js';
import { FreshReadModels } from './freshness.js';

/** Attempts that ended in a period, by tool and version. @throws ApplicationError analytics.invalid-period, read-model.behind */
export class GetAnalyticsTools extends Query<AnswerOfPeriod<readonly ToolFigures[]>> {
  constructor(readonly question: AskedPeriod) {
    super();
  }
}

@QueryHandler(GetAnalyticsTools)
export class GetAnalyticsToolsHandler implements IQueryHandler<GetAnalyticsTools> {
  constructor(
    private readonly fresh: FreshReadModels,
    private readonly periods: AnalyticsPeriods,
    @Inject(ANALYTICS_READER) private readonly analytics: AnalyticsReader,
  ) {}

  async execute({ question }: GetAnalyticsTools): Promise<AnswerOfPeriod<readonly ToolFigures[]>> {
    await this.fresh.waitForPosition(question);
    return this.periods.answer(question, (asked) => this.analytics.tools(asked));
  }
}
