import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ANALYTICS_READER, type AnalyticsReader, type ApprovalFigures } from '../ports/analytics.js';
import { AnalyticsPeriods, type AnswerOfPeriod, type AskedPeriod } from './analytics-period.js';
import { FreshReadModels } from './freshness.js';

/** Approvals that were requested in a period, by risk level and tool. @throws ApplicationError analytics.invalid-period, read-model.behind */
export class GetAnalyticsApprovals extends Query<AnswerOfPeriod<readonly ApprovalFigures[]>> {
  constructor(readonly question: AskedPeriod) {
    super();
  }
}

@QueryHandler(GetAnalyticsApprovals)
export class GetAnalyticsApprovalsHandler implements IQueryHandler<GetAnalyticsApprovals> {
  constructor(
    private readonly fresh: FreshReadModels,
    private readonly periods: AnalyticsPeriods,
    @Inject(ANALYTICS_READER) private readonly analytics: AnalyticsReader,
  ) {}

  async execute({ question }: GetAnalyticsApprovals): Promise<AnswerOfPeriod<readonly ApprovalFigures[]>> {
    await this.fresh.waitForPosition(question);
    return this.periods.answer(question, (asked) => this.analytics.approvals(asked));
  }
}
