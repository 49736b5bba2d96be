import { z } from 'zod';
import type { Page } from '../../../application/ports/read-models.js';
import type { ApprovalDetail, ShownApproval } from '../../../application/queries/shown-approval.js';
import type { DecidedApproval } from '../../../application/workflow/decide-approval.command.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import { APPROVAL_STATUSES } from '../../../domain/workflow/lifecycle.js';
import { id, jsonObject, nextCursor, position, time } from '../responses/member-schemas.js';

const approvalMembers = {
  approval_id: id,
  workflow_id: id,
  user_id: id.meta({ description: 'Who asked for the run.', example: 1 }),
  intent: z.string().meta({ description: "The run's intent." }),
  step_id: id,
  step_name: z.string(),
  tool: z.string(),
  tool_version: z.string(),
  risk_level: z.enum(RISK_LEVELS),
  reason: z.string().meta({ description: 'Why a person is asked.' }),
  status: z.enum(APPROVAL_STATUSES),
  args: jsonObject.meta({ description: 'The arguments that an approval would let run.' }),
  args_hash: z.string().meta({ description: 'SHA-256 of the arguments. Give it with the decision to be sure that it is about these.' }),
  requested_at: time,
  reminders: z.int().min(0).meta({ description: 'How often people were reminded of it.' }),
  decided_at: time.nullable(),
  decided_by: id.nullable(),
  decision_reason: z.string().nullable(),
  summary: z.string().meta({
    description: "What would be done, in one line; the step's name where the tool does not say.",
    example: 'Send the application to Nimbus Systems (Backend Engineer)',
  }),
  shows: z.array(z.string()).meta({ description: 'JSON Pointers to the arguments that matter most, in order; some may be missing.' }),
  irreversible: z
    .boolean()
    .nullable()
    .meta({ description: 'What is done stays done: the tool has an effect and no undo. Null where it is not here in this version.' }),
};

export const approvalSchema = z.strictObject(approvalMembers).meta({ id: 'Approval' });

export const approvalDetailSchema = z
  .strictObject({
    ...approvalMembers,
    rejection_skips: z
      .array(z.strictObject({ step_id: id, step_name: z.string() }))
      .meta({ description: 'The steps that a rejection skips with this one, or would have: the first 100 in the order of the plan.' }),
    rejection_skips_count: z.int().meta({ description: 'Of all.' }),
    sources: z
      .array(
        z.strictObject({
          place: z.string().meta({ description: 'JSON Pointer into the arguments.', example: '/job' }),
          step_id: id,
          step_name: z.string(),
        }),
      )
      .meta({ description: "Places in the arguments that came from another step's output." }),
  })
  .meta({ id: 'ApprovalDetail' });

export const approvalsSchema = z.array(approvalSchema);

export const approvalPageSchema = z.strictObject({ items: approvalsSchema, next_cursor: nextCursor }).meta({ id: 'ApprovalPage' });

export const decidedSchema = z
  .strictObject({
    approval_id: id,
    status: z.enum(['approved', 'rejected']),
    decided_by: id,
    decided_at: time,
    reason: z.string().nullable().meta({ description: "The decider's reason as recorded; null where none was given." }),
    already_decided: z.boolean().meta({
      description:
        'True: the same decision was recorded before, and this answer shows that one. Nothing of the repeat is recorded, neither who sent it nor its reason.',
    }),
    position,
  })
  .meta({ id: 'DecidedApproval' });

export const presentApproval = (approval: ShownApproval): z.infer<typeof approvalSchema> => ({
  approval_id: approval.approvalId,
  workflow_id: approval.workflowId,
  user_id: approval.userId,
  intent: approval.intent,
  step_id: approval.stepId,
  step_name: approval.stepName,
  tool: approval.tool,
  tool_version: approval.toolVersion,
  risk_level: approval.riskLevel,
  reason: approval.reason,
  status: approval.status,
  args: approval.args,
  args_hash: approval.argsHash,
  requested_at: approval.requestedAt,
  reminders: approval.reminders,
  decided_at: approval.decidedAt,
  decided_by: approval.decidedBy,
  decision_reason: approval.decisionReason,
  summary: approval.summary,
  shows: [...approval.shows],
  irreversible: approval.irreversible,
});

export const presentApprovalDetail = (approval: ApprovalDetail): z.infer<typeof approvalDetailSchema> => ({
  ...presentApproval(approval),
  rejection_skips: approval.rejectionSkips.steps.map(({ stepId, name }) => ({ step_id: stepId, step_name: name })),
  rejection_skips_count: approval.rejectionSkips.count,
  sources: approval.sources.map(({ place, stepId, stepName }) => ({ place, step_id: stepId, step_name: stepName })),
});

export const presentApprovalPage = ({ items, nextCursor: next }: Page<ShownApproval>): z.infer<typeof approvalPageSchema> => ({
  items: items.map(presentApproval),
  next_cursor: next,
});

export const presentDecided = (decided: DecidedApproval): z.infer<typeof decidedSchema> => ({
  approval_id: decided.approvalId,
  status: decided.status,
  decided_by: decided.decidedBy,
  decided_at: decided.decidedAt,
  reason: decided.reason,
  already_decided: decided.alreadyDecided,
  position: decided.position.toString(),
});
