import { byHand } from '../by-hand.js';
import type { WorkflowEvent } from '../events/workflow-events.js';
import { higherRisk } from '../../risk/risk-level.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import { mustBeOpen, mustExist, mustHaveStep } from './refusals.js';
import { withEnd } from './run-end.js';

/** The step that is decided about, which waits as a dead letter or for its tool; undefined where the same was decided before. @throws DomainError */
function letterOf(state: WorkflowState, stepId: number, isRepeat: (step: StepRecord) => boolean): StepRecord | undefined {
  mustExist(state);
  const step = mustHaveStep(state, stepId);
  const waits = step.deadLetteredAt !== null || step.lacksToolSince !== null;
  if (!waits && isRepeat(step)) return undefined;
  mustBeOpen(state);
  if (state.stopping) throw new DomainError('workflow.stopping', `Workflow ${state.workflowId} is being stopped: ${state.stopping.reason}`);
  if (!waits)
    throw new DomainError(
      'step.not-dead-lettered',
      `Step ${stepId} of workflow ${state.workflowId} does not wait as a dead letter: it is ${step.state}.`,
    );
  return step;
}

/** Has the step tried again with what its tool says of itself now. Its risk never gets less by that (invariant 26). */
export function retryDeadLetter(
  data: WorkflowCommandData['RetryDeadLetter'],
  state: WorkflowState,
  context: DecisionContext,
): readonly WorkflowEvent[] {
  const { stepId, tool } = data;
  mustExist(state);
  const { args: completed, plan, retryRequests } = mustHaveStep(state, stepId);
  const { requestKey } = data;
  // It may have failed again since: what was asked for was done all the same.
  if (requestKey !== undefined && retryRequests.includes(requestKey)) return [];
  const known = completed ?? plan.args;
  const args = data.args ?? completed;
  const argsHash = context.fingerprint(args ?? known);
  const step = letterOf(state, stepId, ({ retriedArgsHash }) => retriedArgsHash === argsHash);
  if (!step) return [];
  const of = { workflowId: state.workflowId, at: context.now, stepId, name: step.plan.name };
  const { toolVersion, effect, timeoutMs, retry, undo } = tool;
  const riskLevel = higherRisk(step.plan.riskLevel, tool.riskLevel);
  const isEdited = argsHash !== context.fingerprint(known);
  return [
    {
      type: 'StepRetryRequested',
      data: {
        ...of,
        ...(args && { args }),
        argsHash,
        isEdited,
        toolVersion,
        riskLevel,
        effect,
        timeoutMs,
        retry,
        ...(undo && { undo }),
        ...(requestKey === undefined ? {} : { requestKey }),
        ...byHand(data),
      },
    },
  ];
}

/** The run goes on without the step and what depends on it. */
export function skipDeadLetter(
  data: WorkflowCommandData['SkipDeadLetter'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  const { stepId, reason, decidedBy } = data;
  const step = letterOf(state, stepId, ({ skipCause }) => skipCause === 'person');
  if (!step) return [];
  const by = decidedBy === undefined ? {} : { decidedBy };
  const of = { workflowId: state.workflowId, at: now, stepId, name: step.plan.name };
  return withEnd([{ type: 'StepSkipped', data: { ...of, cause: 'person', reason: reason ?? 'A person skipped it.', ...by } }], state, now);
}

/** A person has seen to it: the step counts as succeeded with the output that they give. */
export function completeDeadLetter(
  data: WorkflowCommandData['CompleteDeadLetter'],
  state: WorkflowState,
  context: DecisionContext,
): readonly WorkflowEvent[] {
  const { stepId, output } = data;
  const step = letterOf(
    state,
    stepId,
    ({ isDoneByHand, output: given }) => isDoneByHand && context.fingerprint(given) === context.fingerprint(output),
  );
  if (!step) return [];
  const { name } = step.plan;
  const succeeded = { workflowId: state.workflowId, at: context.now, stepId, name, attempt: step.attempt, output, byHand: byHand(data) };
  return withEnd([{ type: 'StepSucceeded', data: succeeded }], state, context.now);
}
