import type { ByHand } from '../../domain/workflow/events/workflow-events.js';
import type { RunState, StepState } from '../../domain/workflow/lifecycle.js';
import type { WorkflowCommand } from '../../domain/workflow/workflow.commands.js';
import { stepOf } from '../../domain/workflow/workflow.state.js';
import type { Actor } from '../ports/event-log.js';
import type { WorkflowDecisions } from './workflow-decisions.js';

/** What a person does about a run, and why. */
export interface Act extends ByHand {
  readonly workflowId: number;
  readonly actor: Actor;
}

/** What a person does about one step of a run. */
export interface StepAct extends Act {
  readonly stepId: number;
}

export interface RunAfterAct {
  readonly workflowId: number;
  readonly state: RunState;
  readonly position: bigint;
}

export interface StepAfterAct {
  readonly workflowId: number;
  readonly stepId: number;
  readonly state: StepState;
  readonly position: bigint;
}

export async function actOnRun(decisions: WorkflowDecisions, { workflowId, actor }: Act, command: WorkflowCommand): Promise<RunAfterAct> {
  const { state, position } = await decisions.execute(workflowId, command, { actor });
  return { workflowId, state: state.state!, position };
}

export async function actOnStep(
  decisions: WorkflowDecisions,
  { workflowId, stepId, actor }: StepAct,
  command: WorkflowCommand,
): Promise<StepAfterAct> {
  const { state, position } = await decisions.execute(workflowId, command, { actor });
  return { workflowId, stepId, state: stepOf(state, stepId)!.state, position };
}
