import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { LiftPause } from '../../../application/pauses/lift-pause.command.js';
import type { Pause } from '../../../application/pauses/pauses.js';
import { SetPause } from '../../../application/pauses/set-pause.command.js';
import { ListPauses } from '../../../application/queries/list-pauses.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { actBody, actShape, whoAndWhy, type ActBody } from '../requests/act-body.js';
import { idParameter, nothing } from '../requests/parameters.js';
import { id, time } from '../responses/member-schemas.js';

const pauseBody = z
  .strictObject({
    ...actShape,
    tool: z
      .exactOptional(z.string().min(1).max(200))
      .meta({ description: 'Only steps of this tool; everything where it is absent.', example: 'email_send' }),
  })
  .optional();
type PauseBody = z.infer<typeof pauseBody>;

const liftQuestion = z.strictObject({
  user_id: z.exactOptional(idParameter('Who lifts it; also in a body.')),
  reason: z.exactOptional(z.string().max(2_000)).meta({ description: 'Why; also in a body.' }),
});

const pauseSchema = z
  .strictObject({
    pause_id: id,
    tool: z.string().nullable().meta({ description: 'Null where everything is paused.' }),
    since: time,
    set_by: id.nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'Pause' });

const present = ({ pauseId, tool, since, decidedBy, reason }: Pause): z.infer<typeof pauseSchema> => ({
  pause_id: pauseId,
  tool,
  since,
  set_by: decidedBy ?? null,
  reason: reason ?? null,
});

/** The kill switch. */
@ApiTags(TAGS.operations)
@Controller('api/pauses')
export class PausesController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List what is paused: tools, or everything' })
  @Answers(200, 'The pauses.', z.array(pauseSchema))
  @AnswersProblems('request.invalid')
  async listPauses(@Query({ schema: nothing }) _query: object): Promise<z.infer<typeof pauseSchema>[]> {
    return (await this.queries.execute(new ListPauses())).map(present);
  }

  @Post()
  @ApiOperation({
    summary: 'Pause a tool, or everything',
    description:
      'No node starts a step of it until it is lifted, restarts included. What runs finishes. One that is set already is answered with.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(201, 'The pause.', pauseSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'pause.unknown-tool')
  async setPause(
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: pauseBody }) body: PauseBody,
  ): Promise<z.infer<typeof pauseSchema>> {
    const { tool = null, ...act } = body ?? {};
    return present(await this.commands.execute(new SetPause({ tool, ...whoAndWhy(act) })));
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Lift a pause', description: 'Steps that waited for it go on.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The pause that was.', pauseSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'pause.not-found')
  async liftPause(
    @Param({ schema: z.strictObject({ id: idParameter('Id of the pause.') }) }) { id: pauseId }: { id: number },
    @Query({ schema: liftQuestion }) query: z.infer<typeof liftQuestion>,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<z.infer<typeof pauseSchema>> {
    const act = whoAndWhy({ ...query, ...body });
    return present(await this.commands.execute(new LiftPause({ pauseId, ...act })));
  }
}
