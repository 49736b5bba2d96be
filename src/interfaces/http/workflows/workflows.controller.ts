import { Body, Controller, Get, Headers, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { GetWorkflow } from '../../../application/queries/get-workflow.js';
import { ListWorkflows } from '../../../application/queries/list-workflows.js';
import { SubmitIntent, type Submission } from '../../../application/workflow/submit-intent.command.js';
import { WAIT_KINDS } from '../../../domain/workflow/waiting.js';
import { RUN_STATES } from '../../../domain/workflow/lifecycle.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS, PLAN_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { IDEMPOTENCY_KEY, IdempotencyKeyHeader, idempotencyKeyOf } from '../requests/idempotency-key.js';
import {
  cursorParameter,
  freshness,
  idParameter,
  limitParameter,
  nothing,
  plainQuestion,
  question,
  workflowPath,
} from '../requests/parameters.js';
import { planSubmissionOf, submissionOf } from './submission.mapping.js';
import { planSubmission, submitBody, submitQuery, type PlanSubmission, type SubmitBody, type SubmitQuery } from './submission.requests.js';
import {
  presentSubmitted,
  presentWorkflow,
  presentWorkflowPage,
  submittedSchema,
  workflowPageSchema,
  workflowSchema,
} from './workflow.responses.js';

const workflowsQuestion = question({
  user_id: z.exactOptional(idParameter('Only runs of this user.')),
  state: z.exactOptional(z.enum(RUN_STATES)).meta({ description: 'Only runs in this state.' }),
  waiting_for: z
    .exactOptional(z.enum([...WAIT_KINDS, 'anything']))
    .meta({ description: 'Only runs that something of this kind holds, or anything.' }),
  schedule_id: z.exactOptional(idParameter('Only runs that this schedule submitted.')),
  q: z
    .exactOptional(z.string().max(2_000))
    .meta({ description: 'Only runs whose intent contains this text, in any case and any Unicode form.' }),
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

/** Runs: submit, list, look at. */
@ApiTags(TAGS.workflows)
@Controller('api/workflows')
export class WorkflowsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post('submit')
  @ApiOperation({
    summary: 'Submit an intent',
    description: 'Parameters in the query or in a JSON body. Planning happens after the answer.',
  })
  @IdempotencyKeyHeader()
  @ApiBody({ required: false, schema: {} })
  @Answers(201, 'The run. `Location` is its address.', submittedSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'intent.empty', 'intent.too-long', 'idempotency-key.reused')
  submitIntent(
    @Query({ schema: submitQuery }) query: SubmitQuery,
    @Body({ schema: submitBody }) body: SubmitBody,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof submittedSchema>> {
    return this.submit({ ...submissionOf(query, body), ...idempotencyKeyOf(key) }, response);
  }

  @Post()
  @ApiOperation({
    summary: 'Submit a plan',
    description: 'Runs any graph of steps. A reference to the output of another step is a dependency, checked when the plan is.',
  })
  @IdempotencyKeyHeader()
  @Answers(201, 'The run. `Location` is its address.', submittedSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'intent.empty', 'intent.too-long', 'idempotency-key.reused', ...PLAN_PROBLEMS)
  submitPlan(
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: planSubmission }) body: PlanSubmission,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof submittedSchema>> {
    return this.submit({ ...planSubmissionOf(body), ...idempotencyKeyOf(key) }, response);
  }

  @Get()
  @ApiOperation({ summary: 'List runs, newest first' })
  @Answers(200, 'A page of runs.', workflowPageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listWorkflows(
    @Query({ schema: workflowsQuestion }) query: z.infer<typeof workflowsQuestion>,
  ): Promise<z.infer<typeof workflowPageSchema>> {
    const { user_id: userId, state, waiting_for: waitingFor, schedule_id: scheduleId, q: text, cursor, limit } = query;
    const filter = {
      ...(userId === undefined ? {} : { userId }),
      ...(state === undefined ? {} : { state }),
      ...(waitingFor === undefined ? {} : { waitingFor }),
      ...(scheduleId === undefined ? {} : { scheduleId }),
      ...(text ? { text } : {}),
    };
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    return presentWorkflowPage(await this.queries.execute(new ListWorkflows({ ...freshness(query), filter, page })));
  }

  @Get(':id')
  @ApiOperation({ summary: 'A run with its steps' })
  @Answers(200, 'The run.', workflowSchema)
  @AnswersProblems(...READ_PROBLEMS, 'workflow.not-found', 'event-store.unavailable')
  async getWorkflow(
    @Param({ schema: workflowPath }) { id: workflowId }: z.infer<typeof workflowPath>,
    @Query({ schema: plainQuestion }) query: z.infer<typeof plainQuestion>,
  ): Promise<z.infer<typeof workflowSchema>> {
    return presentWorkflow(await this.queries.execute(new GetWorkflow({ ...freshness(query), workflowId })));
  }

  private async submit(submission: Submission, response: ServerResponse): Promise<z.infer<typeof submittedSchema>> {
    const run = await this.commands.execute(new SubmitIntent(submission));
    response.setHeader('Location', `/api/workflows/${run.workflowId}`);
    return presentSubmitted(run);
  }
}
