import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus, type Command } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DropParkedEvent } from '../../../application/parking/drop-parked-event.command.js';
import { ReplayParkedEvent } from '../../../application/parking/replay-parked-event.command.js';
import type { ParkedEventAddress } from '../../../application/parking/parked-event.js';
import { ListParkedEvents } from '../../../application/queries/list-parked-events.js';
import type { ParkedEventView } from '../../../application/ports/read-models.js';
import type { RunAfterAct } from '../../../application/workflow/act.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { actBody, actOf, type ActBody } from '../requests/act-body.js';
import { cursorParameter, freshness, limitParameter, nothing, question } from '../requests/parameters.js';
import { id, nextCursor, time } from '../responses/member-schemas.js';
import { controlledSchema, presentControlled } from '../workflows/workflow.responses.js';

const parkedQuestion = question({
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

const parkedEventSchema = z
  .strictObject({
    parked_id: z.string().meta({ description: 'Names it in `replay` and `drop`.', example: '1.4.advance-run' }),
    workflow_id: id,
    revision: z.int().meta({ description: "Place of the event in its run's stream." }),
    event_type: z.string().meta({ example: 'StepSucceeded' }),
    handler: z.string().meta({ description: 'The part of the engine that could not deal with it.', example: 'advance-run' }),
    tries: z.int(),
    reason: z.string(),
    parked_at: time,
  })
  .meta({ id: 'ParkedEvent' });

const parkedPageSchema = z.strictObject({ items: z.array(parkedEventSchema), next_cursor: nextCursor }).meta({ id: 'ParkedEventPage' });

const idOf = ({ workflowId, revision, handler }: ParkedEventAddress): string => `${workflowId}.${revision}.${handler}`;

const present = (parked: ParkedEventView): z.infer<typeof parkedEventSchema> => ({
  parked_id: idOf(parked),
  workflow_id: parked.workflowId,
  revision: parked.revision,
  event_type: parked.eventType,
  handler: parked.handler,
  tries: parked.tries,
  reason: parked.reason,
  parked_at: parked.parkedAt,
});

const ID = /^([1-9]\d{0,15})\.(0|[1-9]\d{0,9})\.([a-z][a-z0-9-]{0,99})$/;

const parkedPath = z.strictObject({
  id: z
    .string()
    .transform((text, context): ParkedEventAddress => {
      const [, workflowId, revision, handler] = ID.exec(text) ?? [];
      if (handler !== undefined && Number.isSafeInteger(Number(workflowId)))
        return { workflowId: Number(workflowId), revision: Number(revision), handler };
      context.addIssue({ code: 'custom', message: 'must be a parked_id of the list, such as 1.4.advance-run' });
      return z.NEVER;
    })
    .meta({ type: 'string', description: 'The `parked_id` of the event.' }),
});

/** Events that a part of the engine could not deal with, and what a person does about them. */
@ApiTags(TAGS.deadLetters)
@Controller('api/parked')
export class ParkedEventsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List events that a part of the engine could not deal with, newest run first' })
  @Answers(200, 'A page of parked events.', parkedPageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listParkedEvents(
    @Query({ schema: parkedQuestion }) query: z.infer<typeof parkedQuestion>,
  ): Promise<z.infer<typeof parkedPageSchema>> {
    const { cursor, limit } = query;
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor: next } = await this.queries.execute(new ListParkedEvents({ ...freshness(query), page }));
    return { items: items.map(present), next_cursor: next };
  }

  @Post(':id/replay')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Have a parked event dealt with after all', description: 'Where its cause has gone: else it stays parked.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'It has been dealt with.', controlledSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'parked-event.not-found', 'parked-event.failed')
  replayParkedEvent(
    @Param({ schema: parkedPath }) { id: parked }: z.infer<typeof parkedPath>,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<z.infer<typeof controlledSchema>> {
    return this.carryOut(new ReplayParkedEvent({ ...parked, ...actOf(parked.workflowId, body) }));
  }

  @Post(':id/drop')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Leave a parked event as it is' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'Nobody deals with it any more.', controlledSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'parked-event.not-found')
  dropParkedEvent(
    @Param({ schema: parkedPath }) { id: parked }: z.infer<typeof parkedPath>,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<z.infer<typeof controlledSchema>> {
    return this.carryOut(new DropParkedEvent({ ...parked, ...actOf(parked.workflowId, body) }));
  }

  private async carryOut(command: Command<RunAfterAct>): Promise<z.infer<typeof controlledSchema>> {
    return presentControlled(await this.commands.execute(command));
  }
}
