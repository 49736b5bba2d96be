import { z } from 'zod';
import type { RunAfterAct } from '../../../application/workflow/act.js';
import type { SubmittedRun } from '../../../application/workflow/submit-intent.command.js';
import { type Page, type WorkflowStepView, type WorkflowSummary, type WorkflowView } from '../../../application/ports/read-models.js';
import { MOST_WAITS_LISTED, WAIT_KINDS, type Wait } from '../../../domain/workflow/waiting.js';
import { FAILURE_POLICIES, PRIORITIES, RUN_STATES, SKIP_CAUSES, STEP_STATES } from '../../../domain/workflow/lifecycle.js';
import { RISK_LEVELS } from '../../../domain/risk/risk-level.js';
import { anyJson, id, jsonObject, nextCursor, position, presentError, stepError, time } from '../responses/member-schemas.js';

const runState = z.enum(RUN_STATES);

export const submittedSchema = z
  .strictObject({ workflow_id: id, state: runState, intent: z.string(), position })
  .meta({ id: 'SubmittedWorkflow' });

/** A run after what was asked of it. */
export const controlledSchema = z.strictObject({ workflow_id: id, state: runState, position }).meta({ id: 'ControlledWorkflow' });

const summaryShape = {
  workflow_id: id,
  user_id: id,
  intent: z.string(),
  state: runState,
  reason: z.string().nullable().meta({ description: 'Why the run failed or was cancelled.' }),
  on_failure: z.enum(FAILURE_POLICIES),
  priority: z.enum(PRIORITIES),
  start_at: time.nullable().meta({ description: 'Nothing starts before.' }),
  deadline: time.nullable().meta({ description: 'Not finished by then, it fails.' }),
  rerun_of: id.nullable().meta({ description: 'The run that this one runs again.' }),
  compensates: id.nullable().meta({ description: 'The run whose effects this one undoes.' }),
  fork_of: id.nullable().meta({ description: 'The run that this one copies as a shadow.' }),
  shadow: z.boolean().meta({ description: 'It calls no tool: its steps record what they would have done.' }),
  schedule_id: id.nullable().meta({ description: 'The schedule that submitted it.' }),
  scheduled_for: time.nullable().meta({ description: 'The occurrence for which it was submitted; null where none was, also by hand.' }),
  revision: z.int().meta({ description: 'Revision of the last event that is in this answer.' }),
  created_at: time,
  finished_at: time.nullable(),
};

export const waitSchema = z
  .strictObject({
    kind: z.enum(WAIT_KINDS),
    step_id: id.nullable().meta({ description: 'Null where it is the whole run that waits.' }),
    since: time.nullable(),
    until: time.nullable().meta({ description: 'When it ends by itself; null where it needs a person.' }),
    approval_id: id.nullable(),
  })
  .meta({ id: 'Wait' });

export const waitingFor = z
  .array(waitSchema)
  .meta({ description: `What holds the run; empty where nothing does. In lists and timelines the first ${MOST_WAITS_LISTED}.` });

const outcomeSchema = z
  .strictObject({ succeeded: z.int(), skipped: z.int(), rejected: z.int(), failed: z.int(), cancelled: z.int() })
  .meta({ id: 'RunOutcome' });

const waitShape = {
  waiting_for: waitingFor,
  outcome: outcomeSchema.nullable().meta({ description: 'How many steps ended in which way; null as long as the run goes on.' }),
};

export const workflowPageSchema = z
  .strictObject({
    items: z.array(z.strictObject({ ...summaryShape, ...waitShape, step_count: z.int() }).meta({ id: 'WorkflowSummary' })),
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
    attempts: z.int().meta({ description: 'Number of the last attempt that was started; a pause may leave numbers out.' }),
    args: jsonObject.meta({ description: 'As planned until the step is ready, then as resolved.' }),
    output: anyJson,
    error: stepError.nullable(),
    skip_cause: z
      .enum(SKIP_CAUSES)
      .nullable()
      .meta({ description: 'Why it was skipped: rejected, depends on a skipped step, failed for good, or a person said so.' }),
    started_at: time.nullable(),
    finished_at: time.nullable(),
  })
  .meta({ id: 'WorkflowStep' });

const forks = z.array(id).meta({ description: 'Shadows that copy this run, oldest first.' });
const compensatedBy = id.nullable().meta({ description: 'The run that undoes the effects of this one.' });
const reruns = z.array(id).meta({ description: 'Runs that run this one again, oldest first.' });

export const workflowSchema = z
  .strictObject({ ...summaryShape, ...waitShape, reruns, compensated_by: compensatedBy, forks, steps: z.array(stepSchema) })
  .meta({ id: 'Workflow' });

export const presentSubmitted = ({ workflowId, state, intent, position: at }: SubmittedRun): z.infer<typeof submittedSchema> => ({
  workflow_id: workflowId,
  state,
  intent,
  position: at.toString(),
});

export const presentControlled = ({ workflowId, state, position: at }: RunAfterAct): z.infer<typeof controlledSchema> => ({
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
  on_failure: run.onFailure,
  priority: run.priority,
  start_at: run.startAt,
  deadline: run.deadline,
  rerun_of: run.rerunOf,
  compensates: run.compensates,
  fork_of: run.forkOf,
  shadow: run.forkOf !== null,
  schedule_id: run.scheduleId,
  scheduled_for: run.scheduledFor,
  revision: run.revision,
  created_at: run.createdAt,
  finished_at: run.finishedAt,
});

export const presentWait = ({ kind, stepId, since, until, approvalId }: Wait): z.infer<typeof waitSchema> => ({
  kind,
  step_id: stepId,
  since,
  until,
  approval_id: approvalId,
});

const presentWaits = ({ waitingFor: waits, outcome }: WorkflowSummary) => ({
  waiting_for: waits.map(presentWait),
  outcome,
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
  error: step.error && presentError(step.error),
  skip_cause: step.skipCause,
  started_at: step.startedAt,
  finished_at: step.finishedAt,
});

export const presentWorkflow = (run: WorkflowView): z.infer<typeof workflowSchema> => ({
  ...presentSummary(run),
  ...presentWaits(run),
  reruns: [...run.reruns],
  compensated_by: run.compensatedBy,
  forks: [...run.forks],
  steps: run.steps.map(presentStep),
});

export const presentWorkflowPage = ({ items, nextCursor: next }: Page<WorkflowSummary>): z.infer<typeof workflowPageSchema> => ({
  items: items.map((run) => ({ ...presentSummary(run), ...presentWaits(run), step_count: run.stepCount })),
  next_cursor: next,
});
