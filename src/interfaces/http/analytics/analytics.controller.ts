import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import { GetAnalyticsApprovals } from '../../../application/queries/get-analytics-approvals.js';
import { GetAnalyticsSummary } from '../../../application/queries/get-analytics-summary.js';
import { GetAnalyticsTools } from '../../../application/queries/get-analytics-tools.js';
import { Answers, AnswersProblems, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import {
  approvalsSchema,
  askedPeriod,
  figuresQuestion,
  presentApprovals,
  presentSummary,
  presentTools,
  summaryQuestion,
  summarySchema,
  toolsSchema,
  type FiguresQuestion,
} from './analytics.schemas.js';
import { approvalsTable, summaryTable, toolsTable } from './analytics.tables.js';

const AS_TABLE = 'With `Accept: text/csv` or `format=csv` the same numbers come as a table (RFC 4180).';

/** The part of an Express request that negotiates. */
type Negotiable = IncomingMessage & { accepts(types: string[]): string | false };

/** What became of runs, attempts and approvals, by period. */
@ApiTags(TAGS.analytics)
@Controller('api/analytics')
export class AnalyticsController {
  constructor(private readonly queries: QueryBus) {}

  @Get('summary')
  @ApiOperation({ summary: 'How runs ended, how long they took, and what failed', description: AS_TABLE })
  @Answers(200, 'Figures of the runs that ended in the period.', summarySchema)
  @AnswersProblems(...READ_PROBLEMS, 'analytics.invalid-period')
  async getAnalyticsSummary(
    @Query({ schema: summaryQuestion }) query: z.infer<typeof summaryQuestion>,
    @Req() request: Negotiable,
    @Res() response: ServerResponse,
  ): Promise<void> {
    send(query, request, response, presentSummary(await this.queries.execute(new GetAnalyticsSummary(askedPeriod(query)))), summaryTable);
  }

  @Get('tools')
  @ApiOperation({ summary: 'How often tools succeeded, and how long they took', description: AS_TABLE })
  @Answers(200, 'Figures of the attempts that ended in the period; with `bucket` those of each part of it.', toolsSchema)
  @AnswersProblems(...READ_PROBLEMS, 'analytics.invalid-period')
  async getAnalyticsTools(
    @Query({ schema: figuresQuestion }) query: FiguresQuestion,
    @Req() request: Negotiable,
    @Res() response: ServerResponse,
  ): Promise<void> {
    send(query, request, response, presentTools(await this.queries.execute(new GetAnalyticsTools(askedPeriod(query)))), toolsTable);
  }

  @Get('approvals')
  @ApiOperation({ summary: 'What people decided about risky steps, and how long that took', description: AS_TABLE })
  @Answers(200, 'Figures of the approvals that were requested in the period; with `bucket` those of each part of it.', approvalsSchema)
  @AnswersProblems(...READ_PROBLEMS, 'analytics.invalid-period')
  async getAnalyticsApprovals(
    @Query({ schema: figuresQuestion }) query: FiguresQuestion,
    @Req() request: Negotiable,
    @Res() response: ServerResponse,
  ): Promise<void> {
    const answer = presentApprovals(await this.queries.execute(new GetAnalyticsApprovals(askedPeriod(query))));
    send(query, request, response, answer, approvalsTable);
  }
}

/** JSON, unless a table is asked for. */
function send<T>(
  { format }: Pick<FiguresQuestion, 'format'>,
  request: Negotiable,
  response: ServerResponse,
  answer: T,
  table: (answer: T) => string,
): void {
  const isTable = format === undefined ? request.accepts(['application/json', 'text/csv']) === 'text/csv' : format === 'csv';
  const body = isTable ? table(answer) : JSON.stringify(answer);
  response.writeHead(200, {
    'Content-Type': isTable ? 'text/csv; charset=utf-8; header=present' : 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    Vary: 'Accept',
  });
  response.end(body);
}
