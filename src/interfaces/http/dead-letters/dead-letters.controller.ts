import { Body, Controller, Get, Headers, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus, type Command } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListDeadLetters } from '../../../application/queries/list-dead-letters.js';
import type { DeadLetterFilter } from '../../../application/ports/read-models.js';
import type { StepAfterAct } from '../../../application/workflow/act.js';
import { CompleteDeadLetter } from '../../../application/workflow/complete-dead-letter.command.js';
import { DecideDeadLetters } from '../../../application/workflow/decide-dead-letters.command.js';
import { RetryDeadLetter } from '../../../application/workflow/retry-dead-letter.command.js';
import { SkipDeadLetter } from '../../../application/workflow/skip-dead-letter.command.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { actBody, actOf, whoAndWhy, type ActBody } from '../requests/act-body.js';
import { IDEMPOTENCY_KEY, IdempotencyKeyHeader, idempotencyKeyOf } from '../requests/idempotency-key.js';
import { freshness, nothing } from '../requests/parameters.js';
import {
  bulkBody,
  bulkOutcomeSchema,
  completeBody,
  deadLetterPageSchema,
  deadLettersQuestion,
  decidedStepSchema,
  presentBulkOutcome,
  presentDecidedStep,
  presentLetter,
  retryBody,
  stepPath,
  type BulkBody,
  type CompleteBody,
  type RetryBody,
} from './dead-letters.schemas.js';

const filterOf = ({
  tool,
  code,
  user_id: userId,
}: z.infer<typeof deadLettersQuestion> | NonNullable<BulkBody['filter']>): DeadLetterFilter => ({
  ...(tool === undefined ? {} : { tool }),
  ...(code === undefined ? {} : { code }),
  ...(userId === undefined ? {} : { userId }),
});

const DECISION_PROBLEMS = [
  ...COMMAND_PROBLEMS,
  'workflow.not-found',
  'workflow.finished',
  'workflow.stopping',
  'step.not-found',
  'step.not-dead-lettered',
] as const;

type Path = z.infer<typeof stepPath>;
type Answer = z.infer<typeof decidedStepSchema>;

/** Steps that failed for good and wait for a person, and what a person does about them. */
@ApiTags(TAGS.deadLetters)
@Controller('api')
export class DeadLettersController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get('dead-letters')
  @ApiOperation({ summary: 'List steps that failed for good and wait for a person, newest first' })
  @Answers(200, 'A page of dead letters.', deadLetterPageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listDeadLetters(
    @Query({ schema: deadLettersQuestion }) query: z.infer<typeof deadLettersQuestion>,
  ): Promise<z.infer<typeof deadLetterPageSchema>> {
    const { cursor, limit } = query;
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const asked = { ...freshness(query), filter: filterOf(query), page };
    const { items, nextCursor: next } = await this.queries.execute(new ListDeadLetters(asked));
    return { items: items.map(presentLetter), next_cursor: next };
  }

  @Post('dead-letters/bulk')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Do the same about many dead letters',
    description:
      'One that cannot be decided so is named in the answer and does not keep the others from it. Giving up ends the whole run of a letter.',
  })
  @Answers(200, 'What became of them.', bulkOutcomeSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'database.unavailable')
  async decideDeadLetters(
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: bulkBody }) body: BulkBody,
  ): Promise<z.infer<typeof bulkOutcomeSchema>> {
    const { action, items, filter, ...act } = body;
    const letters = items?.map(({ workflow_id: workflowId, step_id: stepId }) => ({ workflowId, stepId })) ?? filterOf(filter!);
    return presentBulkOutcome(await this.commands.execute(new DecideDeadLetters({ action, letters, ...whoAndWhy(act) })));
  }

  @Post('workflows/:id/steps/:step_id/retry')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Have a dead letter tried again',
    description:
      'With other arguments if wanted. Risk and approval are judged anew, by what the tool says of itself now; other arguments have another idempotency key. Repeating it changes nothing.',
  })
  @ApiBody({ required: false, schema: {} })
  @IdempotencyKeyHeader('A repeat with the same key changes nothing, though the step has failed again since.')
  @Answers(200, 'The step is tried again, or waits for approval.', decidedStepSchema)
  @AnswersProblems(...DECISION_PROBLEMS, 'step.invalid-args', 'step.unknown-tool')
  retryStep(
    @Param({ schema: stepPath }) { id, step_id: stepId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: retryBody }) body: RetryBody,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
  ): Promise<Answer> {
    const { args, ...act } = body ?? {};
    return this.decide(new RetryDeadLetter({ ...actOf(id, act), stepId, ...(args && { args }), ...idempotencyKeyOf(key) }));
  }

  @Post('workflows/:id/steps/:step_id/skip')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Skip a dead letter',
    description: 'The run goes on without the step and what depends on it. Repeating it changes nothing.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The step is skipped.', decidedStepSchema)
  @AnswersProblems(...DECISION_PROBLEMS)
  skipStep(
    @Param({ schema: stepPath }) { id, step_id: stepId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Answer> {
    return this.decide(new SkipDeadLetter({ ...actOf(id, body), stepId }));
  }

  @Post('workflows/:id/steps/:step_id/complete')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Complete a dead letter by hand',
    description: 'The step counts as succeeded, with this output: what depends on it goes on. Repeating it changes nothing.',
  })
  @Answers(200, 'The step has succeeded.', decidedStepSchema)
  @AnswersProblems(...DECISION_PROBLEMS, 'step.invalid-output')
  completeStep(
    @Param({ schema: stepPath }) { id, step_id: stepId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: completeBody }) body: CompleteBody,
  ): Promise<Answer> {
    const { output, ...act } = body;
    return this.decide(new CompleteDeadLetter({ ...actOf(id, act), stepId, output }));
  }

  private async decide(command: Command<StepAfterAct>): Promise<Answer> {
    return presentDecidedStep(await this.commands.execute(command));
  }
}
