import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { GetApproval } from '../../../application/queries/get-approval.js';
import { GetWorkflowApprovals } from '../../../application/queries/get-workflow-approvals.js';
import { ListApprovals } from '../../../application/queries/list-approvals.js';
import { DecideApproval } from '../../../application/workflow/decide-approval.command.js';
import { APPROVAL_STATUSES, APPROVAL_VERDICTS } from '../../../domain/workflow/lifecycle.js';
import { Answers, AnswersProblems, COMMAND_PROBLEMS, READ_PROBLEMS } from '../openapi/answers.decorator.js';
import { TAGS } from '../openapi/openapi-document.js';
import {
  cursorParameter,
  freshness,
  idMember,
  idParameter,
  limitParameter,
  nothing,
  plainQuestion,
  question,
  workflowPath,
} from '../requests/parameters.js';
import { statedUser } from '../requests/stated-user.js';
import {
  approvalDetailSchema,
  approvalPageSchema,
  approvalsSchema,
  decidedSchema,
  presentApproval,
  presentApprovalDetail,
  presentApprovalPage,
  presentDecided,
} from './approval.responses.js';

const approvalsQuestion = question({
  status: z.exactOptional(z.enum(APPROVAL_STATUSES)).meta({ description: 'Only approvals with this status.' }),
  cursor: z.exactOptional(cursorParameter),
  limit: limitParameter({ standard: 50, highest: 500 }),
});

const approvalPath = z.strictObject({ id: idParameter('Id of the approval.') });

const decisionBody = z
  .strictObject({
    decision: z.enum(APPROVAL_VERDICTS),
    decided_by: idMember.meta({ description: 'Who decides.', example: 10 }),
    reason: z.exactOptional(z.string().max(2_000)).meta({ description: 'Why, for the record.' }),
    args_hash: z
      .exactOptional(z.string().min(1).max(200))
      .meta({ description: 'The `args_hash` that was shown. A decision over other arguments is refused.' }),
  })
  .meta({ id: 'Decision', example: { decision: 'approve', decided_by: 10 } });

/** Risky steps that wait for a person. */
@ApiTags(TAGS.approvals)
@Controller('api/approvals')
export class ApprovalsController {
  constructor(
    private readonly commands: CommandBus,
    private readonly queries: QueryBus,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List approvals of all runs, newest first' })
  @Answers(200, 'A page of approvals.', approvalPageSchema)
  @AnswersProblems(...READ_PROBLEMS, 'cursor.invalid')
  async listApprovals(
    @Query({ schema: approvalsQuestion }) query: z.infer<typeof approvalsQuestion>,
  ): Promise<z.infer<typeof approvalPageSchema>> {
    const { status, cursor, limit } = query;
    const page = { limit, ...(cursor === undefined ? {} : { cursor }) };
    const asked = { ...freshness(query), page, ...(status === undefined ? {} : { status }) };
    return presentApprovalPage(await this.queries.execute(new ListApprovals(asked)));
  }

  @Get('workflow/:id')
  @ApiOperation({ summary: 'Approvals of a run, oldest first' })
  @Answers(200, 'The approvals.', approvalsSchema)
  @AnswersProblems(...READ_PROBLEMS, 'workflow.not-found', 'event-store.unavailable')
  async getWorkflowApprovals(
    @Param({ schema: workflowPath }) { id: workflowId }: z.infer<typeof workflowPath>,
    @Query({ schema: plainQuestion }) query: z.infer<typeof plainQuestion>,
  ): Promise<z.infer<typeof approvalsSchema>> {
    return (await this.queries.execute(new GetWorkflowApprovals({ ...freshness(query), workflowId }))).map(presentApproval);
  }

  @Get(':id')
  @ApiOperation({ summary: 'An approval, and what a decision about it means' })
  @Answers(200, 'The approval.', approvalDetailSchema)
  @AnswersProblems(...READ_PROBLEMS, 'approval.not-found', 'event-store.unavailable')
  async getApproval(
    @Param({ schema: approvalPath }) { id: approvalId }: z.infer<typeof approvalPath>,
    @Query({ schema: plainQuestion }) query: z.infer<typeof plainQuestion>,
  ): Promise<z.infer<typeof approvalDetailSchema>> {
    return presentApprovalDetail(await this.queries.execute(new GetApproval({ ...freshness(query), approvalId })));
  }

  @Post(':id/decision')
  @HttpCode(HttpStatus.OK)
  @ApiOperation({
    summary: 'Approve or reject a step',
    description:
      'Approved, the step runs; rejected, it is skipped with what depends on it. A repeat records nothing: it answers with the first decision, its reason included, and with `already_decided: true`.',
  })
  @Answers(200, 'The decision.', decidedSchema)
  @AnswersProblems(...COMMAND_PROBLEMS, 'approval.not-found', 'approval.already-decided', 'approval.void', 'approval.stale-arguments')
  async decideApproval(
    @Param({ schema: approvalPath }) { id: approvalId }: z.infer<typeof approvalPath>,
    @Query({ schema: nothing }) _query: object,
    @Body({ schema: decisionBody }) body: z.infer<typeof decisionBody>,
  ): Promise<z.infer<typeof decidedSchema>> {
    const { decision: verdict, decided_by: decidedBy, reason, args_hash: argsHash } = body;
    const decision = {
      approvalId,
      verdict,
      decidedBy,
      ...(reason?.trim() ? { reason } : {}),
      ...(argsHash === undefined ? {} : { argsHash }),
      actor: statedUser(decidedBy),
    };
    return presentDecided(await this.commands.execute(new DecideApproval(decision)));
  }
}
