import { Controller, Get, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListDeadLetters } from '../../../application/queries/list-dead-letters.js';
import type { DeadLetterView } from '../../../application/ports/read-models.js';
import { Answers, AnswersProblems, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { cursorParameter, freshness, limitParameter, question } from '../requests/parameters.js';
import { id, jsonObject, nextCursor, stepError, time } from '../responses/member-schemas.js';

const deadLettersQuestion = question({
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

const deadLetterSchema = z
  .strictObject({
    workflow_id: id,
    step_id: id,
    step_name: z.string(),
    tool: z.string(),
    attempts: z.int(),
    args: jsonObject,
    error: stepError,
    dead_lettered_at: time,
  })
  .meta({ id: 'DeadLetter' });

const deadLetterPageSchema = z.strictObject({ items: z.array(deadLetterSchema), next_cursor: nextCursor }).meta({ id: 'DeadLetterPage' });

const present = (letter: DeadLetterView): z.infer<typeof deadLetterSchema> => ({
  workflow_id: letter.workflowId,
  step_id: letter.stepId,
  step_name: letter.stepName,
  tool: letter.tool,
  attempts: letter.attempts,
  args: letter.args,
  error: { code: letter.error.code, message: letter.error.message, retryable: letter.error.retryable },
  dead_lettered_at: letter.deadLetteredAt,
});

/** Steps that used up their attempts and wait for a person. */
@ApiTags(TAGS.deadLetters)
@Controller('api/dead-letters')
export class DeadLettersController {
  constructor(private readonly queries: QueryBus) {}

  @Get()
  @ApiOperation({ summary: 'List steps that used up their attempts, newest first' })
  @Answers(200, 'A page of dead letters.', deadLetterPageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listDeadLetters(
    @Query({ schema: deadLettersQuestion }) query: z.infer<typeof deadLettersQuestion>,
  ): Promise<z.infer<typeof deadLetterPageSchema>> {
    const { cursor, limit } = query;
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor: next } = await this.queries.execute(new ListDeadLetters({ ...freshness(query), page }));
    return { items: items.map(present), next_cursor: next };
  }
}
