import { Controller, Get, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { GetTimeline } from '../../../application/queries/get-timeline.js';
import { GetWorkflowEvents } from '../../../application/queries/get-workflow-events.js';
import { GetWorkflowState } from '../../../application/queries/get-workflow-state.js';
import type { JsonObject } from '../../../domain/json.js';
import { Answers, AnswersProblems, LOG_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { freshness, limitParameter, question, revisionParameter, timeParameter, workflowPath } from '../requests/parameters.js';
import { presentStoredEvents, presentTimeline, storedEventsSchema, timelineSchema } from './history.responses.js';
import { workflowStateSchema } from './workflow-state.response.js';

const timelineQuestion = question({
  after: z.exactOptional(revisionParameter('Only events after the one with this id.')),
  limit: limitParameter({ standard: 1_000, highest: 10_000 }),
});

const eventsQuestion = question({
  from: revisionParameter('First revision wanted.')
    .prefault('0')
    .meta({ type: 'integer', minimum: 0, default: 0, description: 'First revision wanted.' }),
  limit: limitParameter({ standard: 50, highest: 1_000 }),
});

const stateQuestion = question({
  revision: z.exactOptional(revisionParameter('The run as it was after this revision.')),
  at: z.exactOptional(timeParameter('The run as it was at this time.')),
}).refine(({ revision, at }) => revision === undefined || at === undefined, {
  path: ['at'],
  message: 'cannot be given together with revision',
});

type WorkflowPath = z.infer<typeof workflowPath>;

/** What happened in a run, and how it was at any moment. */
@ApiTags(TAGS.history)
@Controller('api/workflows/:id')
export class WorkflowHistoryController {
  constructor(private readonly queries: QueryBus) {}

  @Get('timeline')
  @ApiOperation({ summary: 'What happened in a run, in words, oldest first' })
  @Answers(200, 'The timeline.', timelineSchema)
  @AnswersProblems(...READ_PROBLEMS, 'workflow.not-found', 'event-store.unavailable')
  async getTimeline(
    @Param({ schema: workflowPath }) { id: workflowId }: WorkflowPath,
    @Query({ schema: timelineQuestion }) query: z.infer<typeof timelineQuestion>,
  ): Promise<z.infer<typeof timelineSchema>> {
    const { after, limit } = query;
    const asked = { ...freshness(query), workflowId, limit, ...(after === undefined ? {} : { after }) };
    return presentTimeline(await this.queries.execute(new GetTimeline(asked)));
  }

  @Get('events')
  @ApiOperation({ summary: 'The stored events of a run', description: 'From the log itself: always current.' })
  @Answers(200, 'The events.', storedEventsSchema)
  @AnswersProblems(...LOG_PROBLEMS, 'workflow.not-found')
  async getEvents(
    @Param({ schema: workflowPath }) { id: workflowId }: WorkflowPath,
    @Query({ schema: eventsQuestion }) { from, limit }: z.infer<typeof eventsQuestion>,
  ): Promise<z.infer<typeof storedEventsSchema>> {
    return presentStoredEvents(workflowId, await this.queries.execute(new GetWorkflowEvents({ workflowId, from, limit })), limit);
  }

  @Get('state')
  @ApiOperation({
    summary: 'A run as it was after a revision, at a time, or now',
    description: 'A fold of the log, independent of the read models. Give `revision` or `at`, not both.',
  })
  @Answers(200, 'The run as it was.', workflowStateSchema)
  @AnswersProblems(...LOG_PROBLEMS, 'workflow.not-found', 'revision.not-found')
  getState(
    @Param({ schema: workflowPath }) { id: workflowId }: WorkflowPath,
    @Query({ schema: stateQuestion }) { revision, at }: z.infer<typeof stateQuestion>,
  ): Promise<JsonObject> {
    const asked = { workflowId, ...(revision === undefined ? {} : { revision }), ...(at === undefined ? {} : { at }) };
    return this.queries.execute(new GetWorkflowState(asked));
  }
}
