import { z } from 'zod';
import { APPROVAL_STATUSES } from '../../../domain/workflow/lifecycle.js';
import { id, time } from '../responses/member-schemas.js';
import { stepSchema, workflowSchema } from './workflow.responses.js';

/** A run as it was: the words of the run itself, and its approvals. The query answers with this JSON; here it is only documented. */
export const workflowStateSchema = workflowSchema
  .omit({ outcome: true, reruns: true, compensated_by: true, forks: true })
  .extend({
    steps: z.array(stepSchema.extend({ retry_due_at: time.nullable() }).meta({ id: 'WorkflowStepState' })),
    approvals: z.array(
      z
        .strictObject({
          approval_id: id,
          step_id: id,
          status: z.enum(APPROVAL_STATUSES),
          args_hash: z.string(),
          requested_at: time,
          decided_by: id.nullable(),
          decided_at: time.nullable(),
        })
        .meta({ id: 'ApprovalState' }),
    ),
  })
  .meta({ id: 'WorkflowState' });
