import { Body, Controller, Delete, Get, Headers, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, QueryBus, type Command } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { GetSchedule } from '../../../application/queries/get-schedule.js';
import { ListSchedules } from '../../../application/queries/list-schedules.js';
import { CreateSchedule } from '../../../application/schedules/create-schedule.command.js';
import { DeleteSchedule } from '../../../application/schedules/delete-schedule.command.js';
import { PauseSchedule } from '../../../application/schedules/pause-schedule.command.js';
import { ResumeSchedule } from '../../../application/schedules/resume-schedule.command.js';
import type { ChangedSchedule } from '../../../application/schedules/schedule-act.js';
import { TriggerSchedule } from '../../../application/schedules/trigger-schedule.command.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS, PLAN_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { actBody, actShape, whoAndWhy, type ActBody } from '../requests/act-body.js';
import { IDEMPOTENCY_KEY, IdempotencyKeyHeader, idempotencyKeyOf } from '../requests/idempotency-key.js';
import { freshness, idParameter, nothing, plainQuestion } from '../requests/parameters.js';
import { presentSubmitted, submittedSchema } from '../workflows/workflow.responses.js';
import {
  changedScheduleSchema,
  newScheduleOf,
  presentSchedule,
  presentScheduleSummary,
  scheduleBody,
  schedulePageSchema,
  schedulePath,
  scheduleSchema,
  schedulesQuestion,
  type ScheduleBody,
} from './schedules.schemas.js';

/** A submission has no reason. */
const triggerBody = z.strictObject({ user_id: actShape.user_id }).optional();

const deleteQuestion = z.strictObject({
  user_id: z.exactOptional(idParameter('Who deletes it; also in a body.')),
  reason: z.exactOptional(z.string().max(2_000)).meta({ description: 'Why; also in a body.' }),
});

type Path = z.infer<typeof schedulePath>;
type Changed = z.infer<typeof changedScheduleSchema>;

/** Submissions that come again and again. */
@ApiTags(TAGS.schedules)
@Controller('api/schedules')
export class SchedulesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Post()
  @IdempotencyKeyHeader()
  @ApiOperation({
    summary: 'Submit an intent or a plan again and again, at set times',
    description: 'Times are those of clocks in the time zone. What a run would be refused for is refused at once.',
  })
  @Answers(201, 'The schedule. `Location` is its address.', changedScheduleSchema)
  @AnswersProblems(
    ...COMMAND_PROBLEMS,
    'intent.empty',
    'intent.too-long',
    ...PLAN_PROBLEMS,
    'schedule.invalid-cron',
    'schedule.never-comes',
    'schedule.too-many',
    'idempotency-key.reused',
    'database.unavailable',
  )
  async createSchedule(
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: scheduleBody }) body: ScheduleBody,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<Changed> {
    const created = await this.change(new CreateSchedule({ ...newScheduleOf(body), ...idempotencyKeyOf(key) }));
    response.setHeader('Location', `/api/schedules/${created.schedule_id}`);
    return created;
  }

  @Get()
  @ApiOperation({ summary: 'List schedules, newest first' })
  @Answers(200, 'A page of schedules.', schedulePageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listSchedules(
    @Query({ schema: schedulesQuestion }) query: z.infer<typeof schedulesQuestion>,
  ): Promise<z.infer<typeof schedulePageSchema>> {
    const { user_id: userId, state, cursor, limit } = query;
    const filter = { ...(userId === undefined ? {} : { userId }), ...(state === undefined ? {} : { state }) };
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor } = await this.queries.execute(new ListSchedules({ ...freshness(query), filter, page }));
    return { items: items.map(presentScheduleSummary), next_cursor: nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A schedule, with when it is due next and its last run' })
  @Answers(200, 'The schedule.', scheduleSchema)
  @AnswersProblems(...READ_PROBLEMS, 'schedule.not-found', 'event-store.unavailable')
  async getSchedule(
    @Param({ schema: schedulePath }) { id: scheduleId }: Path,
    @Query({ schema: plainQuestion }) query: z.infer<typeof plainQuestion>,
  ): Promise<z.infer<typeof scheduleSchema>> {
    return presentSchedule(await this.queries.execute(new GetSchedule({ ...freshness(query), scheduleId })));
  }

  @Post(':id/pause')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Pause a schedule', description: 'It submits nothing until it is resumed. Its runs go on.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The schedule is paused.', changedScheduleSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'schedule.not-found', 'schedule.deleted')
  pauseSchedule(
    @Param({ schema: schedulePath }) { id: scheduleId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Changed> {
    return this.change(new PauseSchedule({ scheduleId, ...whoAndWhy(body) }));
  }

  @Post(':id/resume')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Resume a schedule', description: 'Occurrences from while it was paused never come.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The schedule is active.', changedScheduleSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'schedule.not-found', 'schedule.deleted')
  resumeSchedule(
    @Param({ schema: schedulePath }) { id: scheduleId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Changed> {
    return this.change(new ResumeSchedule({ scheduleId, ...whoAndWhy(body) }));
  }

  @Post(':id/trigger')
  @ApiOperation({
    summary: 'Run what a schedule submits, now',
    description: 'Also where it is paused, or its last run is unfinished. Its occurrences come as they would have.',
  })
  @IdempotencyKeyHeader()
  @ApiBody({ required: false, schema: {} })
  @Answers(201, 'The run. `Location` is its address.', submittedSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'schedule.not-found', 'schedule.deleted', 'idempotency-key.reused', ...PLAN_PROBLEMS)
  async triggerSchedule(
    @Param({ schema: schedulePath }) { id: scheduleId }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: triggerBody }) body: z.infer<typeof triggerBody>,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof submittedSchema>> {
    const { actor } = whoAndWhy(body);
    const run = await this.commands.execute(new TriggerSchedule({ scheduleId, actor, ...idempotencyKeyOf(key) }));
    response.setHeader('Location', `/api/workflows/${run.workflowId}`);
    return presentSubmitted(run);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a schedule', description: 'It submits nothing any more; it can still be read, and its runs go on.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The schedule is deleted.', changedScheduleSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'schedule.not-found')
  deleteSchedule(
    @Param({ schema: schedulePath }) { id: scheduleId }: Path,
    @Query({ schema: deleteQuestion }) query: z.infer<typeof deleteQuestion>,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Changed> {
    return this.change(new DeleteSchedule({ scheduleId, ...whoAndWhy({ ...query, ...body }) }));
  }

  private async change(command: Command<ChangedSchedule>): Promise<Changed> {
    const { scheduleId, state, nextAt, position } = await this.commands.execute(command);
    return { schedule_id: scheduleId, state, next_at: nextAt, position: position.toString() };
  }
}
