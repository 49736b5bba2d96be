import { z } from 'zod';
import type { CancelledRun } from '../../../application/workflow/cancel-workflow.command.js';
import type { SubmittedRun } from '../../../application/workflow/submit-intent.command.js';
import type { Page, WorkflowStepView, WorkflowSummary, WorkflowView } from '../../../application/ports/read-models.js';
import { RUN_STATES, STEP_STATES } from '../../../domain/workflow/lifecycle.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import { anyJson, id, jsonObject, nextCursor, position, stepError, time } from '../responses/member-schemas.js';

const runState = z.enum(RUN_STATES);

export const submittedSchema = z
  .strictObject({ workflow_id: id, state: runState, intent: z.string(), position })
  .meta({ id: 'SubmittedWorkflow' });

export const cancelledSchema = z.strictObject({ workflow_id: id, state: runState, position }).meta({ id: 'CancelledWorkflow' });

const summaryShape = {
  workflow_id: id,
  user_id: id,
  intent: z.string(),
  state: runState,
  reason: z.string().nullable().meta({ description: 'Why the run failed or was cancelled.' }),
  revision: z.int().meta({ description: 'Revision of the last event that is in this answer.' }),
  created_at: time,
  finished_at: time.nullable(),
};

export const workflowPageSchema = z
  .strictObject({
    items: z.array(z.strictObject({ ...summaryShape, step_count: z.int() }).meta({ id: 'WorkflowSummary' })),
    next_cursor: nextCursor,
  })
  .meta({ id: 'WorkflowPage' });

export const stepSchema = z
  .strictObject({
    step_id: id,
    key: z.string(),
    name: z.string(),
    tool: z.string(),
    tool_version: z.string(),
    risk_level: z.enum(RISK_LEVELS),
    state: z.enum(STEP_STATES),
    depends_on: z.array(z.string()).meta({ description: 'Keys of the steps that must succeed first.' }),
    attempts: z.int().meta({ description: 'Attempts started.' }),
    args: jsonObject.meta({ description: 'As planned until the step is ready, then as resolved.' }),
    output: anyJson,
    error: stepError.nullable(),
    started_at: time.nullable(),
    finished_at: time.nullable(),
  })
  .meta({ id: 'WorkflowStep' });

const waitSchema = z
  .strictObject({
    kind: z.enum(['approval', 'dead_letter', 'retry']),
    step_id: id,
    since: time.nullable(),
    until: time.nullable().meta({ description: 'When it ends by itself; null where it needs a person.' }),
    approval_id: id.nullable(),
  })
  .meta({ id: 'Wait' });

const waitingFor = z.array(waitSchema).meta({ description: 'What holds the run; empty where nothing does.' });

export const workflowSchema = z
  .strictObject({ ...summaryShape, waiting_for: waitingFor, steps: z.array(stepSchema) })
  .meta({ id: 'Workflow' });

export const presentSubmitted = ({ workflowId, state, intent, position: at }: SubmittedRun): z.infer<typeof submittedSchema> => ({
  workflow_id: workflowId,
  state,
  intent,
  position: at.toString(),
});

export const presentCancelled = ({ workflowId, state, position: at }: CancelledRun): z.infer<typeof cancelledSchema> => ({
  workflow_id: workflowId,
  state,
  position: at.toString(),
});

const presentSummary = (run: WorkflowSummary) => ({
  workflow_id: run.workflowId,
  user_id: run.userId,
  intent: run.intent,
  state: run.state,
  reason: run.reason,
  revision: run.revision,
  created_at: run.createdAt,
  finished_at: run.finishedAt,
});

const presentStep = (step: WorkflowStepView): z.infer<typeof stepSchema> => ({
  step_id: step.stepId,
  key: step.key,
  name: step.name,
  tool: step.tool,
  tool_version: step.toolVersion,
  risk_level: step.riskLevel,
  state: step.state,
  depends_on: [...step.dependsOn],
  attempts: step.attempts,
  args: step.args,
  output: step.output,
  error: step.error && { code: step.error.code, message: step.error.message, retryable: step.error.retryable },
  started_at: step.startedAt,
  finished_at: step.finishedAt,
});

export const presentWorkflow = (run: WorkflowView): z.infer<typeof workflowSchema> => ({
  ...presentSummary(run),
  waiting_for: run.waitingFor.map(({ kind, stepId, since, until, approvalId }) => ({
    kind,
    step_id: stepId,
    since,
    until,
    approval_id: approvalId,
  })),
  steps: run.steps.map(presentStep),
});

export const presentWorkflowPage = ({ items, nextCursor: next }: Page<WorkflowSummary>): z.infer<typeof workflowPageSchema> => ({
  items: items.map((run) => ({ ...presentSummary(run), step_count: run.stepCount })),
  next_cursor: next,
});
