import type { ServerResponse } from 'node:http';
import { Body, Controller, Headers, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { CommandBus, type Command } from '@nestjs/cqrs';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { RunAfterAct } from '../../../application/workflow/act.js';
import { CancelWorkflow } from '../../../application/workflow/cancel-workflow.command.js';
import { CompensateWorkflow } from '../../../application/workflow/compensate-workflow.command.js';
import type { SubmittedRun } from '../../../application/workflow/submit-intent.command.js';
import { ForkWorkflow } from '../../../application/workflow/fork-workflow.command.js';
import { APPROVAL_VERDICTS } from '../../../domain/workflow/lifecycle.js';
import { GiveUpWorkflow } from '../../../application/workflow/give-up-workflow.command.js';
import { PauseWorkflow } from '../../../application/workflow/pause-workflow.command.js';
import { RerunWorkflow } from '../../../application/workflow/rerun-workflow.command.js';
import { ResumeWorkflow } from '../../../application/workflow/resume-workflow.command.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import { actBody, actOf, actShape, type ActBody } from '../requests/act-body.js';
import { idMember, jsonObjectMember, nothing, workflowPath } from '../requests/parameters.js';
import { RequestRefused } from '../problems/request-refused.js';
import { IDEMPOTENCY_KEY, IdempotencyKeyHeader, idempotencyKeyOf } from '../requests/idempotency-key.js';
import { controlledSchema, presentControlled, presentSubmitted, submittedSchema } from './workflow.responses.js';

const cancelBody = z
  .strictObject({
    ...actShape,
    compensate: z.exactOptional(z.boolean()).meta({
      description:
        'What its steps have done is undone, by a run of its own, once this one has ended: as far as their tools declare how, what was done last first.',
    }),
    cancelled_by: z.exactOptional(idMember).meta({ description: 'Who cancels: the same as `user_id`.', example: 1 }),
  })
  .optional();
type CancelBody = z.infer<typeof cancelBody>;

/** @throws RequestRefused where the two names of who cancels contradict each other */
function actOfCancel(body: CancelBody): ActBody {
  const { cancelled_by: cancelledBy, compensate: _compensate, ...act } = body ?? {};
  if (cancelledBy === undefined) return act;
  if (act.user_id !== undefined && act.user_id !== cancelledBy) {
    const message = 'is another person than `user_id`: give one of them';
    throw new RequestRefused('request.invalid', `The body contradicts itself: cancelled_by ${message}.`, [
      { field: '/cancelled_by', message },
    ]);
  }
  return { ...act, user_id: cancelledBy };
}

const rerunBody = z
  .strictObject({
    ...actShape,
    from: z
      .exactOptional(z.array(z.string().min(1).max(200)).min(1).max(10_000))
      .meta({ description: 'Keys of the steps to run again, with what depends on them.' }),
  })
  .optional();
type RerunBody = z.infer<typeof rerunBody>;

const stepKey = z.string().min(1).max(200);
const forkBody = z
  .strictObject({
    ...actShape,
    revision: z.int().min(0).meta({ description: 'The last event that the copy knows.' }),
    shadow: z.literal(true).meta({ description: 'There are no copies but shadows.' }),
    args: z
      .exactOptional(z.record(stepKey, jsonObjectMember))
      .meta({ description: 'Complete arguments in place of those of the plan, by the keys of steps.' }),
    decisions: z
      .exactOptional(z.record(stepKey, z.enum(APPROVAL_VERDICTS)))
      .meta({ description: 'What becomes of steps that would wait for a person; as in the run, or else approved, where it says nothing.' }),
  })
  .meta({ id: 'Fork', example: { revision: 1, shadow: true } });
type ForkBody = z.infer<typeof forkBody>;

type Path = z.infer<typeof workflowPath>;
type Answer = z.infer<typeof controlledSchema>;

/** What a person does about a whole run. */
@ApiTags(TAGS.workflows)
@Controller('api/workflows/:id')
export class WorkflowControlController {
  constructor(private readonly commands: CommandBus) {}

  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Cancel a run',
    description:
      'Nothing new starts and running steps are told to stop. The run is `CANCELLING` until every attempt in flight has its outcome (at most 30 s), then `CANCELLED`. With `compensate` what its steps have done is undone then. Repeating it changes nothing.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The run is cancelled, or is being cancelled.', controlledSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'workflow.finished', 'workflow.stopping')
  cancelWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: cancelBody }) body: CancelBody,
  ): Promise<Answer> {
    const act = actOf(id, actOfCancel(body));
    return this.carryOut(new CancelWorkflow({ ...act, ...(body?.compensate && { compensate: true }) }));
  }

  @Post('pause')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Pause a run',
    description: 'Nothing new starts until it is resumed. What runs finishes, and approvals can be decided. Repeating it changes nothing.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The run is paused.', controlledSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'workflow.finished', 'workflow.not-running')
  pauseWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Answer> {
    return this.carryOut(new PauseWorkflow(actOf(id, body)));
  }

  @Post('resume')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({ summary: 'Resume a paused run', description: 'Repeating it changes nothing.' })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The run goes on.', controlledSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'workflow.finished', 'workflow.not-running')
  resumeWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Answer> {
    return this.carryOut(new ResumeWorkflow(actOf(id, body)));
  }

  @Post('give-up')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Give a run up',
    description: 'Ends it as cancelling does, but as `FAILED`, with the reason. Repeating it changes nothing.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(200, 'The run has failed, or fails once nothing runs any more.', controlledSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'workflow.finished', 'workflow.stopping')
  giveUpWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
  ): Promise<Answer> {
    return this.carryOut(new GiveUpWorkflow(actOf(id, body)));
  }

  @Post('compensate')
  @ApiOperation({
    summary: 'Undo what a finished run did',
    description:
      'A run of its own undoes what the steps of this one did, as far as their tools declare how, what was done last first. Each undo has its own risk and approval; one that is rejected or skipped does not hold back the others. Repeating it answers with the same run.',
  })
  @ApiBody({ required: false, schema: {} })
  @Answers(201, 'The run that undoes. `Location` is its address.', submittedSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'workflow.not-found', 'workflow.not-finished', 'workflow.nothing-to-undo')
  async compensateWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: actBody }) body: ActBody,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof submittedSchema>> {
    return this.submitted(new CompensateWorkflow(actOf(id, body)), response);
  }

  @Post('rerun')
  @ApiOperation({
    summary: 'Run a finished run again',
    description:
      'A run of its own, with the tools that there are now and approvals of its own. Without `from` the steps that have not succeeded are run again (all of them, where every one has); with it those too, and what depends on them. The others are taken over with their outputs.',
  })
  @IdempotencyKeyHeader()
  @ApiBody({ required: false, schema: {} })
  @Answers(201, 'The new run. `Location` is its address.', submittedSchema)
  @AnswersProblems(
    ...COMMAND_PROBLEMS,
    'workflow.not-found',
    'workflow.not-finished',
    'workflow.not-planned',
    'step.not-found',
    'plan.unknown-tool',
    'plan.invalid-args',
    'plan.invalid-reference',
    'idempotency-key.reused',
  )
  async rerunWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: rerunBody }) body: RerunBody,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof submittedSchema>> {
    const { from, ...act } = body ?? {};
    const asked = { ...actOf(id, act), ...(from && { from }), ...idempotencyKeyOf(key) };
    return this.submitted(new RerunWorkflow(asked), response);
  }

  @Post('fork')
  @ApiOperation({
    summary: 'What would have happened: a shadow of a run',
    description:
      'A copy of the run as it was at a revision goes on by itself, with other arguments or decisions. It calls no tool and asks nobody: its steps record what they would have done, with the outputs that they had in the run, or else some of the kind that their tools promise.',
  })
  @IdempotencyKeyHeader()
  @Answers(201, 'The shadow. `Location` is its address.', submittedSchema)
  @AnswersProblems(
    ...COMMAND_PROBLEMS,
    'workflow.not-found',
    'workflow.not-planned',
    'workflow.shadow',
    'revision.not-found',
    'step.not-found',
    'step.invalid-args',
    'idempotency-key.reused',
  )
  forkWorkflow(
    @Param({ schema: workflowPath }) { id }: Path,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: forkBody }) body: ForkBody,
    @Headers(IDEMPOTENCY_KEY) key: string | undefined,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<z.infer<typeof submittedSchema>> {
    const { revision, shadow: _shadow, args, decisions, ...act } = body;
    const wishes = { ...(args && { args }), ...(decisions && { decisions }) };
    return this.submitted(new ForkWorkflow({ ...actOf(id, act), revision, ...wishes, ...idempotencyKeyOf(key) }), response);
  }

  private async submitted(command: Command<SubmittedRun>, response: ServerResponse): Promise<z.infer<typeof submittedSchema>> {
    const run = await this.commands.execute(command);
    response.setHeader('Location', `/api/workflows/${run.workflowId}`);
    return presentSubmitted(run);
  }

  private async carryOut(command: Command<RunAfterAct>): Promise<Answer> {
    return presentControlled(await this.commands.execute(command));
  }
}
