import type { WorkflowEvent } from '../events/workflow-events.js';
import type { DecisionContext, WorkflowCommandData } from '../workflow.commands.js';
import { DomainError } from '../workflow.errors.js';
import type { StepRecord, WorkflowState } from '../workflow.state.js';
import { readyAgain } from './ready-again.js';
import { mustBeOpen, mustExist, mustHaveStep } from './refusals.js';

const isOver = (step: StepRecord, attempt: number): boolean =>
  step.attempt > attempt || (step.attempt === attempt && step.state !== 'READY');

/** The step waits for a node that can call its tool. A repeat decides nothing, nor does one that comes after the attempt was started or taken back. */
export function waitForTool(
  { stepId, attempt, because }: WorkflowCommandData['WaitForTool'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  const step = mustHaveStep(state, stepId);
  if (isOver(step, attempt) || step.lacksToolSince !== null || state.stopping) return [];
  mustBeOpen(state);
  if (step.attempt !== attempt)
    throw new DomainError('step.not-ready', `Attempt ${attempt} of step ${stepId} is not ready: the step is ${step.state}.`);
  const { name, tool, toolVersion } = step.plan;
  const { workflowId, userId, priority } = state;
  const of = { workflowId, at: now, stepId, name, attempt, tool, toolVersion };
  return [{ type: 'StepWaitsForTool', data: { ...of, because, userId, ...(priority === 'normal' ? {} : { priority }) } }];
}

/** A node can call the tool: the step is ready again, under a number of its own, for deliveries of the old one may still come. */
export function offerTool(
  { stepId, attempt }: WorkflowCommandData['OfferTool'],
  state: WorkflowState,
  { now }: DecisionContext,
): readonly WorkflowEvent[] {
  mustExist(state);
  const step = mustHaveStep(state, stepId);
  if (state.state !== 'RUNNING' || step.lacksToolSince === null || step.attempt !== attempt) return [];
  return [readyAgain(step, state, now)];
}
